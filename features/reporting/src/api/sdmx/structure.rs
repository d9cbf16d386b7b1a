//! The structure of dataflows in SDMX-ML: dimensions, codelists, concepts.

use std::{collections::BTreeSet, fmt::Write};

use super::flow::{Flow, TOTAL, code};
use crate::{actions::exchange::World, model::xml::escape};

const BASE: &str = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1";
const CONCEPTS: &str = "CS_NHIPCAU";

/// A structure message; `whole` with everything that the flows refer to.
pub fn message(
    world: &World,
    flows: &[Flow<'_>],
    agency: &str,
    prepared: &str,
    whole: bool,
) -> String {
    let writer = Writer { world, agency };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:Structure xmlns:mes=\"{BASE}/message\" \
         xmlns:str=\"{BASE}/structure\" xmlns:com=\"{BASE}/common\">\n<mes:Header><mes:ID>structure</mes:ID>\
         <mes:Test>false</mes:Test><mes:Prepared>{prepared}</mes:Prepared><mes:Sender id=\"{}\"/></mes:Header>\n\
         <mes:Structures>\n<str:Dataflows>\n",
        super::AGENCY
    );
    for flow in flows {
        let id = flow.dataset.code.as_str();
        let dsd = writer.reference(&format!("DSD_{id}"), "DataStructure", "datastructure");
        let _ = writeln!(
            text,
            "<str:Dataflow{}>{}<str:Structure>{dsd}</str:Structure></str:Dataflow>",
            writer.own(id),
            name(&flow.title),
        );
    }
    text.push_str("</str:Dataflows>\n");
    if whole {
        text.push_str(&writer.codelists(flows));
        text.push_str(&writer.concepts(flows));
        text.push_str("<str:DataStructures>\n");
        for flow in flows {
            text.push_str(&writer.structure(flow));
        }
        text.push_str("</str:DataStructures>\n");
    }
    text.push_str("</mes:Structures></mes:Structure>\n");
    text
}

fn name(words: &str) -> String {
    format!("<com:Name xml:lang=\"vi\">{}</com:Name>", escape(words))
}

struct Writer<'w> {
    world: &'w World,
    agency: &'w str,
}

impl Writer<'_> {
    fn own(&self, id: &str) -> String {
        format!(
            " id=\"{}\" agencyID=\"{}\" version=\"1.0\" isFinal=\"false\"",
            escape(id),
            self.agency
        )
    }

    fn reference(&self, id: &str, class: &str, package: &str) -> String {
        format!(
            "<Ref id=\"{}\" agencyID=\"{}\" version=\"1.0\" class=\"{class}\" package=\"{package}\"/>",
            escape(id),
            self.agency
        )
    }

    fn codelist(
        &self,
        id: &str,
        title: &str,
        codes: impl Iterator<Item = (String, String)>,
    ) -> String {
        let mut text = format!("<str:Codelist{}>{}", self.own(id), name(title));
        for (code, words) in codes {
            let _ = write!(text, "<str:Code id=\"{}\">{}</str:Code>", escape(&code), name(&words));
        }
        text.push_str("</str:Codelist>\n");
        text
    }

    fn codelists(&self, flows: &[Flow<'_>]) -> String {
        let (world, catalogue) = (self.world, &self.world.catalogue);
        let mut text = String::from("<str:Codelists>\n");
        let areas =
            world.areas.units.iter().map(|unit| (code(unit.id.as_str()), unit.name.clone()));
        text.push_str(&self.codelist("CL_REF_AREA", "Địa bàn", areas));
        let elements: BTreeSet<_> = flows.iter().flat_map(|flow| &flow.elements).collect();
        let elements = elements.into_iter().filter_map(|id| catalogue.elements.get(id));
        let elements = elements.map(|one| (code(one.code.as_str()), one.name.clone()));
        text.push_str(&self.codelist("CL_INDICATOR", "Chỉ tiêu", elements));
        let divisions: BTreeSet<&String> = flows.iter().flat_map(|flow| &flow.divisions).collect();
        for division in divisions {
            let Some(dimension) = catalogue.dimensions.get(division) else { continue };
            let total = std::iter::once((TOTAL.to_owned(), "Tổng số".to_owned()));
            let options = dimension.options.iter().map(|one| (one.code.clone(), one.name.clone()));
            let id = format!("CL_{}", division.to_ascii_uppercase());
            text.push_str(&self.codelist(&id, &dimension.name, total.chain(options)));
        }
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect()
        };
        let lives = pairs(&[("F", "Chính thức"), ("E", "Ước thực hiện")]);
        text.push_str(&self.codelist("CL_LIFE", "Loại số liệu", lives.into_iter()));
        let statuses = pairs(&[
            ("A", "Đã duyệt"),
            ("P", "Chưa duyệt"),
            ("N", "Không phát sinh"),
            ("M", "Không có số liệu"),
        ]);
        text.push_str(&self.codelist("CL_OBS_STATUS", "Tình trạng số liệu", statuses.into_iter()));
        text.push_str("</str:Codelists>\n");
        text
    }

    fn concepts(&self, flows: &[Flow<'_>]) -> String {
        let mut text = format!(
            "<str:Concepts>\n<str:ConceptScheme{}>{}",
            self.own(CONCEPTS),
            name("Khái niệm")
        );
        let known = [
            ("REF_AREA", "Địa bàn"),
            ("INDICATOR", "Chỉ tiêu"),
            ("LIFE", "Loại số liệu"),
            ("TIME_PERIOD", "Kỳ báo cáo"),
            ("OBS_VALUE", "Số liệu"),
            ("OBS_STATUS", "Tình trạng số liệu"),
        ];
        for (id, words) in known {
            let _ = write!(text, "<str:Concept id=\"{id}\">{}</str:Concept>", name(words));
        }
        let divisions: BTreeSet<&String> = flows.iter().flat_map(|flow| &flow.divisions).collect();
        for division in divisions {
            let words =
                self.world.catalogue.dimensions.get(division).map_or(division, |one| &one.name);
            let id = division.to_ascii_uppercase();
            let _ = write!(text, "<str:Concept id=\"{id}\">{}</str:Concept>", name(words));
        }
        text.push_str("</str:ConceptScheme>\n</str:Concepts>\n");
        text
    }

    fn identity(&self, id: &str) -> String {
        format!(
            "<str:ConceptIdentity><Ref id=\"{id}\" maintainableParentID=\"{CONCEPTS}\" maintainableParentVersion=\"1.0\" \
             agencyID=\"{}\" class=\"Concept\" package=\"conceptscheme\"/></str:ConceptIdentity>",
            self.agency
        )
    }

    fn listed(&self, list: &str) -> String {
        let reference = self.reference(list, "Codelist", "codelist");
        format!(
            "<str:LocalRepresentation><str:Enumeration>{reference}</str:Enumeration></str:LocalRepresentation>"
        )
    }

    fn structure(&self, flow: &Flow<'_>) -> String {
        let id = format!("DSD_{}", flow.dataset.code);
        let mut text = format!(
            "<str:DataStructure{}>{}<str:DataStructureComponents><str:DimensionList id=\"DimensionDescriptor\">",
            self.own(&id),
            name(&flow.title)
        );
        for (at, dimension) in flow.dimensions.iter().enumerate() {
            let _ = write!(
                text,
                "<str:Dimension id=\"{dimension}\" position=\"{}\">{}{}</str:Dimension>",
                at + 1,
                self.identity(dimension),
                self.listed(&format!("CL_{dimension}")),
            );
        }
        let _ = write!(
            text,
            "<str:TimeDimension id=\"TIME_PERIOD\" position=\"{}\">{}<str:LocalRepresentation>\
             <str:TextFormat textType=\"ObservationalTimePeriod\"/></str:LocalRepresentation></str:TimeDimension>\
             </str:DimensionList>",
            flow.dimensions.len() + 1,
            self.identity("TIME_PERIOD")
        );
        let _ = write!(
            text,
            "<str:AttributeList id=\"AttributeDescriptor\"><str:Attribute id=\"OBS_STATUS\" \
             assignmentStatus=\"Conditional\">{}{}<str:AttributeRelationship><str:PrimaryMeasure>\
             <Ref id=\"OBS_VALUE\"/></str:PrimaryMeasure></str:AttributeRelationship></str:Attribute></str:AttributeList>",
            self.identity("OBS_STATUS"),
            self.listed("CL_OBS_STATUS"),
        );
        let _ = writeln!(
            text,
            "<str:MeasureList id=\"MeasureDescriptor\"><str:PrimaryMeasure id=\"OBS_VALUE\">{}</str:PrimaryMeasure>\
             </str:MeasureList></str:DataStructureComponents></str:DataStructure>",
            self.identity("OBS_VALUE")
        );
        text
    }
}
