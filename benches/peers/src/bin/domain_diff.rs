//! A small program on NLnet Labs' `domain`: both zones by AXFR into a hash map, then compared.
//!
//! `domain_diff ORIGIN HOST:PORT HOST:PORT` prints a record a line, with `-` for those that the first server alone has and
//! `+` for those of the second. It is a peer to be measured: it follows no rule of transfers but the last SOA.

use domain::base::iana::Rtype;
use domain::base::name::ToName;
use domain::base::rdata::{ComposeRecordData, ParseAnyRecordData};
use domain::base::{Message, MessageBuilder, Name, ParsedName, RecordData};
use domain::dep::octseq::Parser;
use domain::rdata::AllRecordData;
use std::collections::HashMap;
use std::io::{BufReader, BufWriter, Read, Write};
use std::net::TcpStream;
use std::str::FromStr;

/// Owner, type and RDATA in canonical form, to TTL.
type Zone = HashMap<Box<[u8]>, u32>;

/// Transfers a zone.
fn transfer(origin: &str, server: &str) -> Zone {
    let mut query = MessageBuilder::new_vec().question();
    query.header_mut().set_id(0x4242);
    query.push((Name::<Vec<u8>>::from_str(origin).unwrap(), Rtype::AXFR)).unwrap();
    let query = query.finish();
    let mut socket = TcpStream::connect(server).unwrap();
    socket.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).unwrap();
    let mut reader = BufReader::with_capacity(1 << 18, socket);
    let (mut zone, mut soas, mut octets, mut key) = (Zone::new(), 0, Vec::new(), Vec::new());
    while soas < 2 {
        let mut length = [0; 2];
        reader.read_exact(&mut length).unwrap();
        octets.resize(usize::from(u16::from_be_bytes(length)), 0);
        reader.read_exact(&mut octets).unwrap();
        let message = Message::from_octets(&octets[..]).unwrap();
        for record in message.answer().unwrap().limit_to::<AllRecordData<_, ParsedName<_>>>() {
            let record = record.unwrap();
            soas += u32::from(record.data().rtype() == Rtype::SOA);
            if soas == 2 {
                break;
            }
            key.clear();
            record.owner().compose_canonical(&mut key).unwrap();
            key.extend_from_slice(&record.data().rtype().to_int().to_be_bytes());
            record.data().compose_canonical_rdata(&mut key).unwrap();
            zone.insert(key.as_slice().into(), record.ttl().as_secs());
        }
    }
    zone
}

/// Prints one record.
fn show(out: &mut impl Write, sign: char, key: &[u8], ttl: u32) {
    let mut end = 0;
    while key[end] != 0 {
        end += 1 + usize::from(key[end]);
    }
    let owner = Name::from_octets(&key[..=end]).unwrap();
    let rtype = Rtype::from_int(u16::from_be_bytes([key[end + 1], key[end + 2]]));
    let mut rdata = Parser::from_ref(&key[end + 3..]);
    let data: AllRecordData<&[u8], ParsedName<&[u8]>> = AllRecordData::parse_any_rdata(rtype, &mut rdata).unwrap();
    writeln!(out, "{sign}{owner}. {ttl} IN {rtype} {data}").unwrap();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [origin, one, other] = <[String; 3]>::try_from(arguments).expect("ORIGIN HOST:PORT HOST:PORT");
    let of_other = origin.clone();
    let second = std::thread::spawn(move || transfer(&of_other, &other));
    let (base, target) = (transfer(&origin, &one), second.join().unwrap());
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (key, ttl) in base.iter().filter(|(key, ttl)| target.get(*key) != Some(ttl)) {
        show(&mut out, '-', key, *ttl);
    }
    for (key, ttl) in target.iter().filter(|(key, ttl)| base.get(*key) != Some(ttl)) {
        show(&mut out, '+', key, *ttl);
    }
    out.flush().unwrap();
    // Giving the maps back would be measured too.
    std::process::exit(0);
}
