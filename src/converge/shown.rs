//! What one answer shows of a record set, whatever it is wanted for: the records, their absence, or what is neither.
//!
//! The one place where an answer to a question for data is read. It does not know a probe, and it does not decide.

use super::trouble::{Trouble, answers};
use crate::canonical::Form;
use crate::observe::Rrset;
use crate::present;
use crate::wire::{CLASS_IN, Message, Question, Rcode, RecordView, Rtype, Section, WireError, WireName};

/// What an answer to a question for one name and type shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// Exactly these records, with authority.
    Set(Rrset),
    /// The name does not exist.
    NoName,
    /// The name exists, without this type: another type, names below it, or a denial that is computed (RFC 9824).
    NoData,
    /// RFC 1034 section 3.6.2: the name is an alias, by this CNAME; what it leads to is not looked at.
    Alias(Rrset),
    /// RFC 6672: a DNAME above the name hides it.
    Redirected(Rrset),
    /// An answer that contradicts itself: records under NXDOMAIN, or of another owner.
    Contradictory,
    /// No answer that could be used.
    Trouble(Trouble),
}

/// Reads an answer to `question`, sent with this ID; its signature, if one is due, has been verified.
///
/// P1: "ID, question, QR, opcode, RCODE 0, AA, no TC, the answer exactly the `RRset`, its owner, class IN".
pub fn read(message: &Message<'_>, id: u16, question: &Question, zone: &WireName, form: Form) -> Shown {
    if let Err(trouble) = answers(message, id, question, zone) {
        return Shown::Trouble(trouble);
    }
    match read_answer(message, question, form) {
        Err(error) => Shown::Trouble(Trouble::Malformed(error)),
        Ok(Tally { redirection: Some(dname), .. }) => Shown::Redirected(dname),
        Ok(Tally { alias: Some(cname), .. }) => Shown::Alias(cname),
        Ok(Tally { strays: true, .. }) => Shown::Contradictory,
        Ok(Tally { set: None, .. }) => absence(message, zone),
        Ok(Tally { set: Some(_), .. }) if message.rcode() == Rcode::NXDOMAIN => Shown::Contradictory,
        Ok(Tally { set: Some(set), .. }) => Shown::Set(set),
    }
}

/// What stands in an answer section.
#[derive(Debug, Default)]
struct Tally {
    /// Records of the type asked for, at the name asked for.
    set: Option<Rrset>,
    /// The name is an alias.
    alias: Option<Rrset>,
    /// A name above it is redirected.
    redirection: Option<Rrset>,
    /// Whether there are records that were not asked for.
    strays: bool,
}

/// Takes the answer section apart.
fn read_answer(message: &Message<'_>, question: &Question, form: Form) -> Result<Tally, WireError> {
    let add = |place: &mut Option<Rrset>, record: &RecordView<'_>| -> Result<(), WireError> {
        *place = Some(match place.take() {
            Some(set) => set.with(record, form)?,
            None => Rrset::of(record, form)?,
        });
        Ok(())
    };
    let mut tally = Tally::default();
    for record in message.section(Section::Answer) {
        let owner = record.owner()?;
        match record.rtype() {
            rtype if rtype == question.rtype && owner == question.name && record.class() == CLASS_IN => {
                add(&mut tally.set, record)?;
            }
            Rtype::DNAME if owner != question.name && question.name.is_at_or_below(&owner) => {
                add(&mut tally.redirection, record)?;
            }
            Rtype::CNAME if owner == question.name => add(&mut tally.alias, record)?,
            // A signature says nothing of its own about the data.
            Rtype::RRSIG if owner == question.name => {}
            _ => tally.strays = true,
        }
    }
    Ok(tally)
}

/// A negative answer, unless it comes from another zone on the same server.
fn absence(message: &Message<'_>, zone: &WireName) -> Shown {
    for record in message.section(Section::Authority).filter(|record| record.rtype() == Rtype::SOA) {
        match record.owner() {
            // RFC 2308 section 3: the SOA in the authority section is that of the zone which answered.
            Ok(owner) if owner != *zone => {
                return Shown::Trouble(Trouble::Cut(present::name(&owner).to_string()));
            }
            Ok(_) => {}
            Err(error) => return Shown::Trouble(Trouble::Malformed(error)),
        }
    }
    if message.rcode() == Rcode::NXDOMAIN { Shown::NoName } else { Shown::NoData }
}
