//! The TSIG record (RFC 8945 section 4.2): read from a message, written to one, and its part in the digest.

use super::{SignError, TsigError};
use crate::wire::{CLASS_ANY, Header, RecordView, Rtype, WireName};

/// TSIG error 16: the MAC did not verify (RFC 8945 section 3).
pub(super) const BADSIG: u16 = 16;
/// TSIG error 17: the key is not known.
pub(super) const BADKEY: u16 = 17;
/// TSIG error 18: the time is out of range.
pub(super) const BADTIME: u16 = 18;
/// TSIG error 22: the MAC is too short for the receiver's policy.
pub(super) const BADTRUNC: u16 = 22;

/// A TSIG record, its variable parts borrowed.
#[derive(Debug, Clone, Copy)]
pub struct TsigRecord<'m> {
    /// The owner: the name of the key.
    pub key_name: WireName,
    /// The name of the algorithm.
    pub algorithm: WireName,
    /// Seconds since 1970, 48 bits.
    pub time_signed: u64,
    /// Seconds of error permitted in the time.
    pub fudge: u16,
    /// The MAC as sent; empty in an error reply that is not signed.
    pub mac: &'m [u8],
    /// The ID of the message when it was signed.
    pub original_id: u16,
    /// The extended RCODE that is about TSIG.
    pub error: u16,
    /// Empty, or the server's time if the error is BADTIME.
    pub other: &'m [u8],
}

impl<'m> TsigRecord<'m> {
    /// Reads the record that a message ends with.
    pub fn read(view: &RecordView<'m>) -> Result<Self, TsigError> {
        // RFC 8945 section 4.2: "CLASS: This MUST be ANY. TTL: This MUST be 0." Neither is covered by the digest as
        // sent (it takes the constants), so nobody else would notice.
        if view.class() != CLASS_ANY || view.ttl() != 0 {
            return Err(TsigError::ClassOrTtl { class: view.class(), ttl: view.ttl() });
        }
        let mut rdata = view.rdata();
        // RFC 8945 section 4.2: the algorithm name is uncompressed.
        let record = Self {
            key_name: view.owner()?,
            algorithm: rdata.uncompressed_name()?,
            time_signed: rdata.u48()?,
            fudge: rdata.u16()?,
            mac: {
                let octets = rdata.u16()?;
                rdata.take(usize::from(octets))?
            },
            original_id: rdata.u16()?,
            error: rdata.u16()?,
            other: {
                let octets = rdata.u16()?;
                rdata.take(usize::from(octets))?
            },
        };
        if rdata.remaining() > 0 {
            return Err(rdata.error(crate::wire::WireErrorKind::RdataLength).into());
        }
        Ok(record)
    }

    /// Puts the record at the end of a message and counts it in the header.
    pub fn append_to(&self, message: &mut Vec<u8>) -> Result<(), SignError> {
        let header = Header::read(message).map_err(|_| SignError::NotAMessage)?;
        let [.., additional] = header.counts;
        let additional = additional.checked_add(1).ok_or(SignError::TooManyRecords)?;
        let algorithm = self.algorithm.as_octets();
        let length = |octets: usize| u16::try_from(octets).map_err(|_| SignError::TooLong);
        let (mac_length, other_length) = (length(self.mac.len())?, length(self.other.len())?);
        let rdata_length = length(algorithm.len() + self.mac.len() + self.other.len() + 16)?;
        length(message.len() + self.key_name.as_octets().len() + 10 + usize::from(rdata_length))?;

        message.extend_from_slice(self.key_name.as_octets());
        message.extend_from_slice(&Rtype::TSIG.0.to_be_bytes());
        message.extend_from_slice(&CLASS_ANY.to_be_bytes());
        message.extend_from_slice(&[0; 4]);
        message.extend_from_slice(&rdata_length.to_be_bytes());
        message.extend_from_slice(algorithm);
        message.extend_from_slice(&self.timers());
        message.extend_from_slice(&mac_length.to_be_bytes());
        message.extend_from_slice(self.mac);
        message.extend_from_slice(&self.original_id.to_be_bytes());
        message.extend_from_slice(&self.error.to_be_bytes());
        message.extend_from_slice(&other_length.to_be_bytes());
        message.extend_from_slice(self.other);
        let count = message.get_mut(10..Header::LENGTH).ok_or(SignError::NotAMessage)?;
        count.copy_from_slice(&additional.to_be_bytes());
        Ok(())
    }

    /// RFC 8945 section 4.3.3, the TSIG variables: key name and algorithm name "in canonical wire format", that is
    /// in lower case, with the constants of class and TTL.
    pub fn variables(&self) -> Vec<u8> {
        let mut digest = Vec::with_capacity(64 + self.other.len());
        digest.extend_from_slice(self.key_name.to_lowercase().as_octets());
        digest.extend_from_slice(&CLASS_ANY.to_be_bytes());
        digest.extend_from_slice(&[0; 4]);
        digest.extend_from_slice(self.algorithm.to_lowercase().as_octets());
        digest.extend_from_slice(&self.timers());
        digest.extend_from_slice(&self.error.to_be_bytes());
        // RDLENGTH is 16 bits, so what was read fits; what is written was checked by `append_to`.
        digest.extend_from_slice(&u16::try_from(self.other.len()).unwrap_or(u16::MAX).to_be_bytes());
        digest.extend_from_slice(self.other);
        digest
    }

    /// RFC 8945 section 5.3.1, the TSIG timers: time signed and fudge, all that a later message digests.
    pub fn timers(&self) -> [u8; 8] {
        (self.time_signed << 16 | u64::from(self.fudge)).to_be_bytes()
    }

    /// The server's time, in the other data of a BADTIME reply (RFC 8945 section 5.2.3).
    pub fn server_time(&self) -> Option<u64> {
        let six = <&[u8; 6]>::try_from(self.other).ok()?;
        Some(six.iter().fold(0, |time, octet| time << 8 | u64::from(*octet)))
    }
}
