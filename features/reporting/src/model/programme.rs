//! Programmes as data: programme → phase → component → sub-component → activity → work, any depth. Nothing
//! here names a programme; they are reference data, dated, several side by side.

use serde::{Deserialize, Serialize};

use super::{element::Mark, ids::ProgrammeNodeId};

/// What a node of a programme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Chương trình.
    Programme,
    /// Giai đoạn.
    Phase,
    /// Hợp phần, dự án.
    Component,
    /// Tiểu dự án.
    SubComponent,
    /// Nội dung.
    Content,
    /// Hoạt động.
    Activity,
    /// Công trình.
    Work,
}

/// A node of a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeNode {
    /// Its code, unique over all programmes: `1719`, `1719.da4`, `ntm2026.hp2`.
    pub code: ProgrammeNodeId,
    /// The node above it; none for a programme.
    #[serde(default)]
    pub parent: Option<ProgrammeNodeId>,
    /// What it is.
    pub kind: NodeKind,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// First year it runs.
    #[serde(default)]
    pub from_year: Option<i16>,
    /// Last year it runs.
    #[serde(default)]
    pub until_year: Option<i16>,
    /// The instrument it rests on.
    #[serde(default)]
    pub legal_basis: String,
    /// How sure we are of it.
    pub mark: Mark,
}
