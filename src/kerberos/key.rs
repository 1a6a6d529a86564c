//! A key of Kerberos: what it encrypts, and what it signs as a security context (RFC 4121 section 4.2, RFC 4757
//! section 7).

use super::KerberosError;
use super::cipher::{self, Checksum, Etype, is_equal};
use super::der::{Reader, SEQUENCE, Writer, context};
use std::fmt;
use zeroize::Zeroizing;

/// A key and its cipher; wiped when it is dropped, and never shown.
#[derive(Clone)]
pub struct Key {
    /// The cipher.
    etype: Etype,
    /// The key, of the length that the cipher wants.
    octets: Zeroizing<Vec<u8>>,
}

impl Key {
    /// From its octets.
    ///
    /// # Errors
    /// They are too few or too many for the cipher.
    pub fn new(etype: Etype, octets: Zeroizing<Vec<u8>>) -> Result<Self, KerberosError> {
        if octets.len() == etype.key_octets() { Ok(Self { etype, octets }) } else { Err(KerberosError::KeyLength) }
    }

    /// The key of a password; `salt` and `parameters` come from the KDC.
    ///
    /// # Errors
    /// The parameters ask for too few or too many rounds.
    pub fn from_password(
        etype: Etype,
        password: &str,
        salt: &[u8],
        parameters: Option<&[u8]>,
    ) -> Result<Self, KerberosError> {
        Self::new(etype, etype.string_to_key(password, salt, parameters)?)
    }

    /// A fresh key of the same cipher. Random octets are a key (RFC 3962, RFC 8009 and RFC 4757 alike).
    pub(super) fn another(&self, random: &[u8; 32]) -> Self {
        let octets = Zeroizing::new(random.iter().copied().take(self.etype.key_octets()).collect());
        Self { etype: self.etype, octets }
    }

    /// The cipher.
    pub fn etype(&self) -> Etype {
        self.etype
    }

    /// The key itself.
    pub fn reveal(&self) -> &[u8] {
        &self.octets
    }

    /// Encrypts for this usage (RFC 4120 section 7.5.1). The confounder must be random.
    pub fn encrypt(&self, usage: u32, confounder: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        self.etype.encrypt(&self.octets, usage, confounder, plain)
    }

    /// Decrypts; `None` unless the cipher text was made with this key for this usage.
    pub fn decrypt(&self, usage: u32, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.etype.decrypt(&self.octets, usage, cipher)
    }

    /// The checksum of these octets for this usage.
    pub fn checksum(&self, usage: u32, octets: &[u8]) -> Vec<u8> {
        let mut checksum = self.etype.begin_checksum(&self.octets, usage);
        checksum.update(octets);
        checksum.finish()
    }

    /// `EncryptionKey` in the field `[n]`.
    pub(super) fn write(&self, number: u8, writer: Writer) -> Writer {
        writer.sequence_field(number, |key| key.integer(0, self.etype.number().into()).octets(1, &self.octets))
    }

    /// The `EncryptionKey` in the field `[n]`, if it comes next.
    pub(super) fn read(reader: &mut Reader<'_>, number: u8) -> Result<Option<Self>, KerberosError> {
        let Some(mut outer) = reader.optional(context(number))? else { return Ok(None) };
        let mut key = outer.enter(SEQUENCE)?;
        let number = key.integer(0)?;
        let etype = Etype::of_number(number).ok_or(KerberosError::Etype { number })?;
        Self::new(etype, Zeroizing::new(key.octets(1)?.to_vec())).map(Some)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, not shown)", self.etype)
    }
}

/// Which side of a security context signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a context has two sides")]
pub enum By {
    /// The side that began it: us.
    Initiator,
    /// The other.
    Acceptor,
}

/// RFC 4121 section 4.2.2: "`SentByAcceptor`".
const SENT_BY_ACCEPTOR: u8 = 1;
/// RFC 4121 section 4.2.2: "`AcceptorSubkey`".
const ACCEPTOR_SUBKEY: u8 = 4;
/// RFC 4757 section 7.2: the frame of RFC 2743 section 3.1 around what follows: tag, length, Kerberos' OID.
const RC4_FRAME: [u8; 13] = [0x60, 0x23, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
/// RFC 4757 section 7.2: `TOK_ID`, `SGN_ALG` HMAC, filler.
const RC4_HEADER: [u8; 8] = [0x01, 0x01, 0x11, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];

/// A signature (a MIC token) under way.
pub struct Signature {
    /// The key.
    key: Key,
    /// Who signs.
    by: By,
    /// Whether the key is the acceptor's.
    acceptor_subkey: bool,
    /// The checksum so far.
    checksum: Box<dyn Checksum>,
}

impl Signature {
    /// Begins one.
    pub fn begin(key: &Key, by: By, acceptor_subkey: bool) -> Self {
        // RFC 4121 section 2: KG-USAGE-INITIATOR-SIGN and KG-USAGE-ACCEPTOR-SIGN; RFC 4757 section 7.2 has 15 for both.
        let usage = match (key.etype, by) {
            (Etype::Rc4, _) => 15,
            (_, By::Acceptor) => 23,
            (_, By::Initiator) => 25,
        };
        let mut checksum = key.etype.begin_checksum(&key.octets, usage);
        if key.etype == Etype::Rc4 {
            checksum.update(&RC4_HEADER);
        }
        Self { key: key.clone(), by, acceptor_subkey, checksum }
    }

    /// Takes the next octets of what is signed.
    pub fn update(&mut self, octets: &[u8]) {
        self.checksum.update(octets);
    }

    /// The token with this sequence number.
    pub fn sign(mut self, sequence: u64) -> Vec<u8> {
        if self.key.etype == Etype::Rc4 {
            let checksum = self.rc4_checksum();
            let sequence = self.rc4_sequence(sequence, &checksum);
            return [RC4_FRAME.as_slice(), &RC4_HEADER, &sequence, &checksum].concat();
        }
        let header = self.header(sequence);
        self.checksum.update(&header);
        [&header, self.checksum.finish().as_slice()].concat()
    }

    /// Whether this token is the signature. Its sequence number is not looked at: every reply of DNS is bound to its
    /// request, and a datagram may overtake another.
    pub fn verify(mut self, token: &[u8]) -> bool {
        if self.key.etype == Etype::Rc4 {
            return self.verify_rc4(token);
        }
        let Some((header, checksum)) = token.split_first_chunk::<16>() else { return false };
        let sequence = header.last_chunk::<8>().map(|octets| u64::from_be_bytes(*octets));
        if sequence.is_none_or(|sequence| self.header(sequence) != *header) {
            return false;
        }
        self.checksum.update(header);
        is_equal(&self.checksum.finish(), checksum)
    }

    /// RFC 4121 section 4.2.6.1: `TOK_ID` 04 04, flags, filler, sequence number. It is signed behind the text.
    fn header(&self, sequence: u64) -> [u8; 16] {
        let sender = if self.by == By::Acceptor { SENT_BY_ACCEPTOR } else { 0 };
        let subkey = if self.acceptor_subkey { ACCEPTOR_SUBKEY } else { 0 };
        let mut header = [0xFF; 16];
        let parts = [0x04, 0x04, sender | subkey].into_iter().chain([0xFF; 5]).chain(sequence.to_be_bytes());
        header.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        header
    }

    /// The first half of the checksum, which is all of it that is sent.
    fn rc4_checksum(&mut self) -> Vec<u8> {
        let spent = self.key.etype.begin_checksum(&[], 0);
        let mut checksum = std::mem::replace(&mut self.checksum, spent).finish();
        checksum.truncate(8);
        checksum
    }

    /// RFC 4757 section 7.2: the number and the side, encrypted.
    fn rc4_sequence(&self, sequence: u64, checksum: &[u8]) -> [u8; 8] {
        let side = if self.by == By::Acceptor { 0xFF } else { 0 };
        let [.., a, b, c, d] = sequence.to_be_bytes();
        let mut octets = [a, b, c, d, side, side, side, side];
        cipher::apply_to_rc4_sequence(&self.key.octets, checksum, &mut octets);
        octets
    }

    /// Frame, header, side and checksum, all as they must be.
    fn verify_rc4(mut self, token: &[u8]) -> bool {
        let Some(token) = token.strip_prefix(&RC4_FRAME).and_then(|rest| rest.strip_prefix(&RC4_HEADER)) else {
            return false;
        };
        let (Some(sequence), Some(checksum)) = (token.first_chunk::<8>(), token.get(8..)) else { return false };
        let expected = self.rc4_checksum();
        let mut sequence = *sequence;
        cipher::apply_to_rc4_sequence(&self.key.octets, checksum, &mut sequence);
        let wanted = if self.by == By::Acceptor { 0xFF } else { 0 };
        sequence.ends_with(&[wanted; 4]) && is_equal(&expected, checksum)
    }
}
