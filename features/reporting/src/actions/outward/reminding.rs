//! From a letter about what is owed to the people who read it: whoever holds the duty at that place today, each
//! in the ways they chose.

use identity::holders;
use kernel::{
    app::App,
    db::Tx,
    problem::{Failure, Outcome},
    scope::ScopePath,
};

use super::{Mailer, Pusher, Wanted, day_words, put};
use crate::{
    actions::{
        CERTIFY, ENTER, REVIEW,
        reminders::{Audience, Message},
    },
    model::outward::{Content, Way},
    store::{
        outward,
        reminders::{self, Letter},
    },
};

/// Where a reminder leads.
const CALENDAR: &str = "/bao-cao/han";
/// Letters made ready in one round.
const LETTERS_MOST: usize = 1_000;

/// Who reads a letter, by the roles that are told in the program too.
async fn readers(tx: &mut Tx, audience: Audience, scope: &ScopePath) -> Outcome<Vec<String>> {
    let mut roles: Vec<&str> = match audience {
        Audience::Unit => ENTER.roles.iter().chain(CERTIFY.roles).copied().collect(),
        Audience::Province | Audience::Ministry => REVIEW.roles.to_vec(),
    };
    roles.sort_unstable();
    roles.dedup();
    let mut scopes = vec![scope.clone()];
    if scope.ancestors().len() <= 2 {
        // Whoever holds everything holds the country.
        scopes.push(ScopePath::root());
    }
    holders(tx, &roles, &scopes).await
}

/// Puts the letters of the last days into the outbox, one for each reader and way. Without a way out they stay
/// where they are: what was missed for three days stands in the program.
pub async fn expand(app: &App) -> Outcome<()> {
    let (mail, push) = (app.port::<Mailer>().is_some(), app.port::<Pusher>().is_some());
    if !mail && !push {
        return Ok(());
    }
    let since = app.now().day().plus_days(-3).start();
    let letters =
        app.db.view(async |tx| Ok(reminders::unsent(tx, since, LETTERS_MOST).await?)).await?;
    for letter in letters {
        app.db
            .change(async |tx| {
                one(tx, &letter, mail, push).await?;
                Ok(reminders::sent(tx, &letter.id).await?)
            })
            .await?;
    }
    Ok(())
}

async fn one(tx: &mut Tx, letter: &Letter, mail: bool, push: bool) -> Outcome<()> {
    let message: Message = serde_json::from_str(&letter.body)
        .map_err(|error| Failure::fault("read a letter", error))?;
    for account in readers(tx, message.audience, &letter.scope).await? {
        let ways = outward::ways(tx, &account).await?;
        if mail && ways.mail && identity::address_of(tx, &account).await?.is_some() {
            let content = Content::Words {
                lines: message.lines.clone(),
                count: message.count,
                link: CALENDAR.to_owned(),
            };
            let wanted = Wanted {
                once: format!("letter:{}:{account}", letter.id),
                way: Way::Mail,
                recipient: account.clone(),
                subject: message.subject.clone(),
                content,
            };
            put(tx, wanted).await?;
        }
        if push && ways.push {
            notify(tx, letter, &message, &account).await?;
        }
    }
    Ok(())
}

/// A notification says how much is owed and by when: whoever looks over a shoulder learns no more.
async fn notify(tx: &mut Tx, letter: &Letter, message: &Message, account: &str) -> Outcome<()> {
    let line = format!("{} báo cáo, hạn gần nhất {}", message.count, day_words(message.due));
    for browser in outward::subscriptions(tx, account).await? {
        let wanted = Wanted {
            once: format!("letter:{}:{}", letter.id, browser.id),
            way: Way::Push,
            recipient: browser.id.to_string(),
            subject: message.subject.clone(),
            content: Content::Notice { line: line.clone(), link: CALENDAR.to_owned() },
        };
        put(tx, wanted).await?;
    }
    Ok(())
}
