//! What stands around the records: header, question, other sections, response codes.

use super::*;
use crate::serial::Serial;
use crate::tsig::TsigError;
use crate::wire::{Opcode, Rcode};
use crate::xfr::{ExtendedError, InboundIxfr, Refusal};

/// Two good messages, the second one changed by `change`.
fn second(change: impl Fn(&mut Reply)) -> Vec<Vec<u8>> {
    let (first, mut last) = (Reply::with(&stream()[..4]), Reply::with(&stream()[4..]));
    change(&mut last);
    frames(&[first, last])
}

/// The same change in the first message of two.
fn first(change: impl Fn(&mut Reply)) -> Vec<Vec<u8>> {
    let (mut first, last) = (Reply::with(&stream()[..4]), Reply::with(&stream()[4..]));
    change(&mut first);
    frames(&[first, last])
}

/// A3: FORMERR, NOTIMP and BADVERS in the first message show a server without EDNS; nothing else does.
#[test]
fn a3_a_server_without_edns() {
    for (flags, upper, wanted) in [
        (0x8001, None, true),
        (0x8004, None, true),
        (0x8000, Some(1), true),
        (0x8002, None, false),
        (0x8005, None, false),
    ] {
        let reply = Reply::with(&[]).flags(flags);
        let reply = upper.map_or(reply.clone(), |upper| reply.opt(upper, &[]));
        let error = run(&[reply.octets()]).expect_err("an error code");
        assert_eq!(error.is_edns_rejected(), wanted, "{error}");
    }
    let late = run(&second(|reply| reply.flags |= 1)).expect_err("an error code");
    assert!(!late.is_edns_rejected(), "it had understood the query");
}

/// A11: a response code in a later message voids all, bare or with all the records; also in the last one.
#[test]
fn a11_an_error_code_in_any_message() {
    let bare = |reply: &mut Reply| (reply.flags, reply.sections[0]) = (0x8402, Vec::new());
    for frames in [second(|reply| reply.flags |= 2), second(bare), first(|reply| reply.flags |= 9)] {
        assert!(matches!(fault(&frames), Fault::Refused(_)));
    }
    let error = run(&second(|reply| reply.flags |= 9)).expect_err("an error code");
    assert!(error.to_string().contains("NOTAUTH") && error.to_string().contains("after the transfer had begun"));
}

/// A11, W11: the upper bits of the code are in OPT alone; header 0 with OPT 1 is BADVERS.
#[test]
fn a11_an_error_code_in_opt_only() {
    let frames = second(|reply| *reply = reply.clone().opt(1, &[]));
    let Fault::Refused(refusal) = fault(&frames) else { panic!("not seen") };
    assert_eq!((refusal.rcode.0, refusal.late), (16, true));
}

/// A12: QR=1 and opcode 0 in every message.
#[test]
fn a12_not_a_response_or_another_opcode() {
    for frames in [first(|reply| reply.flags = 0x0400), second(|reply| reply.flags = 0x0400)] {
        assert_eq!(fault(&frames), Fault::NotAResponse);
    }
    for frames in [first(|reply| reply.flags |= 4 << 11), second(|reply| reply.flags |= 4 << 11)] {
        assert_eq!(fault(&frames), Fault::WrongOpcode(Opcode::NOTIFY));
    }
}

/// A13: another ID, in all messages or from the second on.
#[test]
fn a13_another_id() {
    for frames in [first(|reply| reply.id = 1), second(|reply| reply.id = 1)] {
        assert_eq!(fault(&frames), Fault::WrongId { wanted: ID, found: 1 });
    }
}

/// A14: the first message has the question once, later ones once or not at all.
#[test]
fn a14_how_many_questions() {
    let twice = |reply: &mut Reply| reply.questions.push(reply.questions[0]);
    assert_eq!(fault(&first(|reply| reply.questions.clear())), Fault::QuestionCount { found: 0 });
    assert_eq!(fault(&first(twice)), Fault::QuestionCount { found: 2 });
    assert_eq!(fault(&second(twice)), Fault::QuestionCount { found: 2 });
    assert!(run(&second(|reply| reply.questions.clear())).is_ok());
}

/// A14: wherever a question stands it is ours: name, type, class.
#[test]
fn a14_another_question() {
    for other in [
        (name("example.net"), Rtype::AXFR, 1),
        (name("com"), Rtype::AXFR, 1),
        (name("example.com"), Rtype::SOA, 1),
        (name("example.com"), Rtype::IXFR, 1),
        (name("example.com"), Rtype::AXFR, 3),
    ] {
        let (name, rtype, class) = other;
        let wanted = Fault::WrongQuestion { name: Box::new(name), rtype, class };
        assert_eq!(fault(&first(|reply| reply.questions[0] = other)), wanted);
        assert_eq!(fault(&second(|reply| reply.questions[0] = other)), wanted);
    }
    assert!(run(&second(|reply| reply.questions[0].0 = name("EXAMPLE.com"))).is_ok(), "case is no difference");
}

/// A15: AA=0 and TC=1 are noted; RD, RA, Z, AD and CD mean nothing.
#[test]
fn a15_flags_that_are_not_relied_on() {
    let (_, completed) = run(&second(|reply| reply.flags = 0x8200)).expect("accepted");
    assert_eq!((completed.notes.not_authoritative, completed.notes.truncated), (1, 1));
    let (_, completed) = run(&second(|reply| reply.flags = 0x85F0)).expect("accepted");
    assert_eq!((completed.notes.not_authoritative, completed.notes.truncated), (0, 0));
}

/// A16: records in the authority or additional section are never zone data.
#[test]
fn a16_records_outside_the_answer() {
    for section in [1, 2] {
        let moved = |reply: &mut Reply| {
            let last = reply.sections[0].pop().expect("the SOA");
            reply.sections[section] = std::mem::replace(&mut reply.sections[0], vec![last]);
        };
        for frames in [second(moved), second(|reply| reply.sections[section].push(a("www.example.com", 9)))] {
            assert!(matches!(fault(&frames), Fault::OutsideAnswer { .. }));
        }
    }
}

/// A16: a SIG(0) in the additional section is not data either, and no fault.
#[test]
fn a16_sig0_is_passed_over() {
    let rdata = [&[0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1], name("key").as_octets(), &[1; 64]].concat();
    let sig = record_of_class(&name(""), Rtype(24), 255, 0, &rdata);
    assert_eq!(run(&second(|reply| reply.sections[2].push(sig.clone()))).expect("accepted").0, expected());
}

/// A28: each code in words that say what to do.
#[test]
fn a28_each_code_in_words() {
    for (code, words) in [
        (1, "FORMERR: the server could not read the query"),
        (2, "SERVFAIL: the zone is expired or not loaded there, or too many transfers run at once"),
        (3, "NXDOMAIN: there is no such zone"),
        (4, "NOTIMP: the server does not do zone transfers"),
        (5, "REFUSED: transfer not allowed from this address or with this key"),
        (9, "NOTAUTH: the server is not authoritative for the zone"),
        (6, "YXDOMAIN: the server ended the transfer"),
        (15, "RCODE15: the server ended the transfer"),
    ] {
        let error = run(&[Reply::with(&[]).flags(0x8000 | code).octets()]).expect_err("refused");
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!(error.is_worth_a_retry(), code == 2);
    }
    let bare = run(&[Reply::with(&[]).flags(0x8005).without_question().octets()]).expect_err("refused");
    assert!(bare.to_string().starts_with("REFUSED"), "without a question too: {bare}");
}

/// A28, L2: extended errors are shown, escaped, cut, and not more than four.
#[test]
fn a28_extended_errors_are_shown_escaped() {
    let option = |code: u16, text: &[u8]| {
        let length = u16::try_from(text.len() + 2).expect("short");
        [&[0, 15], &length.to_be_bytes()[..], &code.to_be_bytes(), text].concat()
    };
    let options =
        [option(18, b"not \x1B[2J \"you\""), option(20, b""), option(14, &[b'x'; 500]), [0, 15, 0, 1, 9].to_vec()];
    let text =
        run(&[Reply::with(&[]).flags(0x8005).opt(0, &options.concat()).octets()]).expect_err("refused").to_string();
    assert!(text.contains(r#"EDE 18 (prohibited) "not \027[2J \"you\"""#), "{text}");
    assert!(text.contains("EDE 20 (not authoritative); the server adds: EDE 14 (not ready) \"xxx"), "{text}");
    assert!(text.contains("xxx...\"") && text.len() < 700, "{text}");
    let many = option(18, b"").repeat(20);
    let many = run(&[Reply::with(&[]).flags(0x8005).opt(0, &many).octets()]).expect_err("refused").to_string();
    assert_eq!(many.matches("EDE 18").count(), 4);
}

/// A28: the codes that answer a transfer, and those that explain them, have words.
#[test]
fn a28_codes_have_words() {
    let refusal = |rcode: Rcode, code: u16| {
        let extended = vec![ExtendedError { code, text: String::new() }];
        Refusal { rcode, late: false, extended }.to_string()
    };
    assert!(refusal(Rcode::BADVERS, 0).contains("version of EDNS"));
    assert!(refusal(Rcode::BADCOOKIE, 0).contains("DNS cookie"));
    for (code, words) in [
        (0, "other error"),
        (14, "not ready"),
        (15, "blocked"),
        (18, "prohibited"),
        (20, "not authoritative"),
        (21, "not supported"),
        (23, "network error"),
        (24, "invalid data"),
        (99, "see RFC 8914"),
    ] {
        assert!(refusal(Rcode::REFUSED, code).ends_with(&format!("EDE {code} ({words})")), "{code}");
    }
}

/// What never became a message of the transfer is counted as one, so that an error says which it was.
#[test]
fn an_error_names_the_message_that_was_none() {
    let good = Reply::with(&stream()[..2]).octets();
    assert_eq!(run(&[good.clone(), vec![1, 2, 3]]).expect_err("no message").messages, 2);
    let mut inbound = InboundIxfr::unsigned(name("example.com"), ID, Serial(1), Limits::new());
    let error = inbound.frame(&[1, 2, 3], 0, &mut |_| Ok(())).expect_err("no message");
    assert_eq!(error.messages, 1);
}

/// The serial is known once the first SOA has come.
#[test]
fn the_serial_is_known_from_the_first_soa_on() {
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    assert_eq!(inbound.serial(), None);
    let _ = inbound.frame(&Reply::with(&stream()[..2]).octets(), 0, &mut |_| Ok(())).expect("a good message");
    assert_eq!(inbound.serial(), Some(Serial(7)));
}

/// T9: a server that does not know the key is told from one that is wrong in another way.
#[test]
fn t9_a_key_that_is_not_known_is_told() {
    let error = |error: TsigError| XfrError {
        fault: Fault::Unauthenticated { error, hint: None },
        ..run(&[vec![1, 2, 3]]).expect_err("no message")
    };
    let bad_key =
        TsigError::BadKey { key: Box::new(name("k")), algorithm: Box::new(name("hmac-sha256")), authenticated: false };
    assert!(error(bad_key).is_key_unknown());
    assert!(!error(TsigError::LastUnsigned { messages: 1 }).is_key_unknown());
}
