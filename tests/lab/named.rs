//! Faults by name, so that a scenario is a line of text and a running server can be told by a query what to do wrong.
//!
//! A text is words in any order: one fault, and what it hits: `"add lose-reply first-1"`, `"udp txt old every-2"`.
//! A word may end in a number, which is the fault's own: `cut-after-2`. Over the network the words are labels:
//!
//! ```text
//! first-1.lose-reply.add.inject._control. TXT     add this fault; the answer says how many there are
//! withdraw._control. TXT                          end all faults
//! rollback._control. TXT                          hold the zones of the start again: a journal is lost
//! ```
//!
//! The idea of a server that is switched by queries is that of BIND's system tests.

use std::time::Duration;

use hickory_proto::op::{OpCode, ResponseCode};
use hickory_proto::rr::RecordType;

use super::edit;
use super::fault::{Act, Fault, On, Step, TransferFault, TsigFault};
use super::log::{Request, Transport};
use super::tsig::{Algorithm, Key};

/// What a fault hits unless the text says it, and what it does with its number.
type Entry = (&'static str, fn() -> On, fn(usize) -> Act);

/// Every fault that has a name; its number is 1 where the text gives none.
const FAULTS: &[Entry] = &[
    // The request and the reply as a whole.
    ("lose", any, |_| Act::Lose),
    ("close", any, |_| Act::Close),
    ("servfail", any, |_| Act::Rcode(ResponseCode::ServFail)),
    ("refused", any, |_| Act::Rcode(ResponseCode::Refused)),
    ("notimp", any, |_| Act::Rcode(ResponseCode::NotImp)),
    ("notauth", any, |_| Act::Rcode(ResponseCode::NotAuth)),
    ("notzone", any, |_| Act::Rcode(ResponseCode::NotZone)),
    ("formerr", any, |_| Act::Rcode(ResponseCode::FormErr)),
    ("badvers", any, |_| Act::Rcode(ResponseCode::BADVERS)),
    ("badcookie", any, |_| Act::Rcode(ResponseCode::BADCOOKIE)),
    ("pretend", update, |_| Act::Pretend),
    ("done-but-servfail", update, |_| Act::DoneBut(ResponseCode::ServFail)),
    ("done-but-yxdomain", update, |_| Act::DoneBut(ResponseCode::YXDomain)),
    ("done-then-close", update, |_| Act::DoneThenClose),
    ("lose-reply", update, |_| Act::LoseReply),
    ("delay", any, |milliseconds| Act::Delay(Duration::from_millis(milliseconds.try_into().unwrap_or(u64::MAX)))),
    ("old", query, |_| Act::AsAtStart),
    ("twice", any, |_| Act::Twice),
    ("wrong-id", any, |_| Act::WrongId),
    ("truncate", any, |_| Act::Truncate),
    ("no-authority", query, |_| Act::NotAuthoritative),
    ("resolver", query, |_| Act::each_message(|_, message| edit::resolve(message))),
    // One message of the reply, its header and question.
    ("query-bit", any, |number| edit::frame(number, |octets| octets[2] ^= 0x80)),
    ("opcode-notify", any, |number| edit::message(number, |message| message.metadata.op_code = OpCode::Notify)),
    ("other-question", any, |number| edit::message(number, edit::other_question)),
    ("two-questions", any, |number| edit::message(number, |message| message.queries.extend(message.queries.clone()))),
    ("upper-question", any, |_| Act::each_message(|_, message| edit::upper_question(message))),
    ("rcode-in-opt", any, |number| edit::frame(number, edit::rcode_in_opt)),
    ("no-opt", any, |_| Act::each_message(|_, message| message.edns = None)),
    // Its octets.
    ("count-high", any, |number| edit::frame(number, |octets| edit::add_to_count(octets, 1))),
    ("count-low", any, |number| edit::frame(number, |octets| edit::add_to_count(octets, u16::MAX))),
    ("trailing", any, |number| edit::frame(number, |octets| octets.extend([0; 3]))),
    ("cut-short", any, |number| edit::frame(number, |octets| octets.truncate(octets.len().saturating_sub(3)))),
    ("eleven", any, |number| edit::frame(number, |octets| octets.truncate(11))),
    ("empty-frame", any, |number| edit::frame(number, Vec::clear)),
    ("pointer-loop", any, |number| edit::frame(number, |octets| edit::end_in_owner(octets, None))),
    ("pointer-beyond", any, |number| edit::frame(number, |octets| edit::end_in_owner(octets, Some(&[0xFF, 0xFF])))),
    ("pointer-header", any, |number| edit::frame(number, |octets| edit::end_in_owner(octets, Some(&[0xC0, 0x02])))),
    ("label-type", any, |number| edit::frame(number, |octets| edit::end_in_owner(octets, Some(&[0x41, 0x00])))),
    ("drip", any, |milliseconds| edit::drip(Duration::from_millis(milliseconds.try_into().unwrap_or(u64::MAX)))),
    ("stall", any, |_| Act::steps(|_| Box::new(std::iter::once(Step::Stall)))),
    ("reset", any, |_| Act::steps(|_| Box::new(std::iter::once(Step::Reset)))),
    ("junk-before", query, edit::junk_before),
    ("forged-before", query, |_| edit::forged_before()),
    // What an answer says of the probe, or of the zone.
    ("alias", txt, |_| Act::each_message(|_, message| edit::alias(message))),
    ("dname", txt, |_| Act::each_message(|_, message| edit::dname(message))),
    ("referral", txt, |_| Act::each_message(|_, message| edit::referral(message))),
    ("wildcard", txt, |_| Act::each_message(|_, message| edit::wildcard(message))),
    ("beside", txt, |_| Act::each_message(|_, message| edit::beside(message))),
    ("upper-text", txt, |_| Act::each_message(|_, message| edit::upper_text(message))),
    ("other-owner", txt, |_| Act::each_message(|_, message| edit::other_owner(message))),
    ("in-authority", query, |_| {
        Act::each_message(|_, message| message.authorities = std::mem::take(&mut message.answers))
    }),
    ("in-additional", query, |_| {
        Act::each_message(|_, message| message.additionals = std::mem::take(&mut message.answers))
    }),
    ("under-nxdomain", query, |_| {
        Act::each_message(|_, message| message.metadata.response_code = ResponseCode::NXDomain)
    }),
    ("empty", query, |_| Act::each_message(|_, message| edit::empty(message))),
    ("chaos", query, |_| Act::each_message(|_, message| edit::chaos(message))),
    ("two-soas", soa, |_| Act::each_message(|_, message| edit::two_soas(message))),
    ("ttl", txt, |seconds| edit::ttl(u32::try_from(seconds).unwrap_or(u32::MAX))),
    // Signatures.
    ("unsigned", any, |_| Act::Tsig(TsigFault::Unsigned)),
    ("unsigned-in", any, |number| Act::Tsig(TsigFault::UnsignedIn(number))),
    ("unsigned-last", any, |_| Act::Tsig(TsigFault::UnsignedLast)),
    ("wrong-mac", any, |_| Act::Tsig(TsigFault::WrongMac)),
    ("wrong-mac-in", any, |number| Act::Tsig(TsigFault::WrongMacIn(number))),
    ("short-mac", any, |octets| Act::Tsig(TsigFault::ShortMac(octets))),
    ("no-mac", any, |_| Act::Tsig(TsigFault::ShortMac(0))),
    ("other-key", any, |_| {
        Act::Tsig(TsigFault::OtherKey(Key::new("another.", Algorithm::Sha256, b"a secret of somebody else .....")))
    }),
    ("timers-only-first", any, |_| Act::Tsig(TsigFault::TimersOnlyFirst)),
    ("without-request-mac", any, |_| Act::Tsig(TsigFault::WithoutRequestMac)),
    ("signed-ago", any, |seconds| Act::Tsig(TsigFault::Shifted(i64::try_from(seconds).map_or(0, |seconds| -seconds)))),
    ("signed-ahead-in", any, |number| Act::Tsig(TsigFault::ShiftedIn(number, 200))),
    ("badsig", any, |_| Act::Tsig(TsigFault::Error(16))),
    ("badkey", any, |_| Act::Tsig(TsigFault::Error(17))),
    ("badtime", any, |_| Act::Tsig(TsigFault::Error(18))),
    ("tsig-twice", any, |number| edit::frame(number, edit::repeat_tsig)),
    ("tsig-not-last", any, |number| edit::frame(number, edit::follow_tsig)),
    ("tampered", any, |number| edit::frame(number, |octets| edit::tamper(octets))),
    ("replayed", any, |_| edit::replayed()),
    // Transfers.
    ("cut-after", transfer, |number| Act::Transfer(TransferFault::CutAfter(number))),
    ("reset-after", transfer, |number| Act::Transfer(TransferFault::ResetAfter(number))),
    ("stall-after", transfer, |number| Act::Transfer(TransferFault::StallAfter(number))),
    ("cut-inside", transfer, |octets| Act::Transfer(TransferFault::CutInside(2, octets))),
    ("servfail-in", transfer, |number| Act::Transfer(TransferFault::RcodeIn(number, ResponseCode::ServFail))),
    ("wrong-id-from", transfer, |number| Act::Transfer(TransferFault::WrongIdFrom(number))),
    ("no-final-soa", transfer, |_| Act::Transfer(TransferFault::NoFinalSoa)),
    ("final-serial", transfer, |serial| Act::Transfer(TransferFault::FinalSerial(u32::try_from(serial).unwrap_or(1)))),
    ("final-minimum", transfer, |_| Act::records(edit::final_minimum)),
    ("no-first-soa", transfer, |_| Act::records(|records| records.into_iter().skip(1).collect())),
    ("soa-in-the-middle", transfer, |_| Act::records(|records| edit::middle(records, |soa| soa))),
    ("soa-below", transfer, |_| Act::records(|records| edit::middle(records, |soa| edit::below("sub", soa)))),
    ("soa-below-last", transfer, |_| Act::records(edit::soa_below_last)),
    ("soa-of-another-zone", transfer, |_| Act::records(edit::soa_of_another_zone)),
    ("out-of-zone", transfer, |_| Act::records(|records| edit::middle(records, edit::out_of_zone))),
    ("other-class", transfer, |_| Act::records(|records| edit::middle(records, edit::other_class))),
    ("meta-type", transfer, |_| Act::records(|records| edit::middle(records, edit::meta_type))),
    ("half-in-authority", transfer, |_| Act::each_message(edit::half_in_authority)),
    ("short-address", transfer, |_| Act::records(|records| edit::middle(records, edit::short_address))),
    ("slack-after-ns", transfer, |_| Act::records(|records| edit::middle(records, edit::slack_after_ns))),
    ("trailing-message", transfer, |_| edit::one_more_message()),
    ("duplicates", transfer, |_| Act::Transfer(TransferFault::Duplicates)),
    ("shuffled", transfer, |seed| Act::Transfer(TransferFault::Shuffled(seed.try_into().unwrap_or(u64::MAX)))),
    ("empty-between", transfer, |_| Act::Transfer(TransferFault::EmptyBetween)),
    ("question-once", transfer, |_| Act::Transfer(TransferFault::QuestionOnce)),
    ("only-soas", transfer, |_| Act::records(edit::only_soas)),
];

/// # By name
impl Fault {
    /// Reads a fault; `None` where a word is not known, or where there is not exactly one fault.
    pub fn named(text: &str) -> Option<Self> {
        Self::from_words(text.split_whitespace())
    }

    /// Every name, without a number.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FAULTS.iter().map(|(name, ..)| *name)
    }

    /// The words in any order.
    pub(super) fn from_words<'t>(words: impl IntoIterator<Item = &'t str>) -> Option<Self> {
        let (mut fault, mut on, mut limits) = (None, None, Vec::new());
        for word in words {
            let (name, number) = match word.rsplit_once('-').map(|(name, number)| (name, number.parse::<usize>())) {
                Some((name, Ok(number))) => (name, number),
                _ => (word, 1),
            };
            match name {
                "query" => on = Some(On::Query),
                "txt" => on = Some(On::QueryOf(RecordType::TXT)),
                "soa" => on = Some(On::QueryOf(RecordType::SOA)),
                "update" => on = Some(On::Update),
                "add" => on = Some(On::Add),
                "delete" => on = Some(On::Delete),
                "transfer" => on = Some(On::Transfer),
                "udp" | "tcp" | "first" | "after" | "every" => limits.push((name, number)),
                _ if fault.is_some() => return None,
                _ => fault = Some(FAULTS.iter().find(|(known, ..)| *known == name).map(|entry| (entry, number))?),
            }
        }
        let ((_, usual, act), number) = fault?;
        let fault = Self::new(on.unwrap_or_else(usual), act(number));
        Some(limits.into_iter().fold(fault, |fault, (word, number)| match word {
            "udp" => fault.over(Transport::Udp),
            "tcp" => fault.over(Transport::Tcp),
            "first" => fault.first(number),
            "after" => fault.after(number),
            _ => fault.every(number),
        }))
    }
}

/// A query that tells a server what to do.
pub enum Control {
    /// Add this fault.
    Inject(Box<Fault>),
    /// End all faults.
    Withdraw,
    /// Hold the zones of the start.
    Rollback,
    /// It cannot be read.
    Unknown,
}

/// Whether a request is for the server itself, and what it says.
pub fn control(request: &Request) -> Option<Control> {
    let name = request.name().to_ascii();
    let words: Vec<&str> = name.strip_suffix("._control.")?.split('.').collect();
    Some(match words.split_last() {
        Some((&"inject", words)) => {
            Fault::from_words(words.iter().copied()).map_or(Control::Unknown, |fault| Control::Inject(Box::new(fault)))
        }
        Some((&"withdraw", [])) => Control::Withdraw,
        Some((&"rollback", [])) => Control::Rollback,
        _ => Control::Unknown,
    })
}

// What is hit where the text does not say it

/// Everything.
fn any() -> On {
    On::Any
}

/// Questions.
fn query() -> On {
    On::Query
}

/// Questions for TXT: for the probe, and for its sibling.
fn txt() -> On {
    On::QueryOf(RecordType::TXT)
}

/// Questions for the SOA.
fn soa() -> On {
    On::QueryOf(RecordType::SOA)
}

/// Updates.
fn update() -> On {
    On::Update
}

/// Transfers.
fn transfer() -> On {
    On::Transfer
}
