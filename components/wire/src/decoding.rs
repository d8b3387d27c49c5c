//! Finds and checks parameters, and handles unknown ones: what decoding all messages has in common.

use crate::parameter::ErrorCause;
use crate::reader::{EndOfBytes, Reader};
use crate::tlv::{Writer, padding};
use crate::{PeIdentifier, PoolHandle, Reaction, RegistrarIdentifier, Subject, Violation};

/// The reason why decoding a message ends early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) violation: Violation,
    pub(crate) reaction: Reaction,
}

impl Fault {
    /// The message must not be answered in any way.
    pub(crate) const fn silent(violation: Violation) -> Self {
        Self {
            violation,
            reaction: Reaction::DiscardSilently,
        }
    }

    /// A required parameter is missing.
    pub(crate) const fn missing(parameter_type: u16) -> Self {
        Self::silent(Violation::MissingParameter(parameter_type))
    }
}

/// A fixed part is incomplete.
impl From<EndOfBytes> for Fault {
    fn from(EndOfBytes: EndOfBytes) -> Self {
        Self::silent(Violation::Truncated)
    }
}

/// What decoding finds out about a message besides its content.
#[derive(Debug, Default)]
pub(crate) struct Context {
    subject: Subject,
    report: Vec<ErrorCause>,
    reported_bytes: usize,
}

/// The maximum number of bytes of a message that a response may quote: the response must fit into a message itself.
const MOST_QUOTED_BYTES: usize = 16 * 1024;

/// Returns these bytes for an error cause, or none if they are too many.
fn quote(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= MOST_QUOTED_BYTES {
        bytes
    } else {
        &[]
    }
}

impl Context {
    /// The maximum number of causes in a report.
    const MOST_REPORTED_CAUSES: usize = 64;

    /// Records the pool that the message is about; the first mention counts.
    pub(crate) fn note_pool_handle(&mut self, pool_handle: &PoolHandle) {
        self.subject
            .pool_handle
            .get_or_insert_with(|| pool_handle.clone());
    }

    /// Records the pool element that the message is about; the first mention counts.
    pub(crate) fn note_pe_identifier(&mut self, identifier: PeIdentifier) {
        self.subject.pe_identifier.get_or_insert(identifier);
    }

    /// Returns the subject of the message, and the causes to report.
    pub(crate) fn into_parts(self) -> (Subject, Vec<ErrorCause>) {
        (self.subject, self.report)
    }

    fn report_unrecognized(&mut self, parameter: &RawParameter<'_>) {
        self.report(ErrorCause::unrecognized_parameter(quote(parameter.whole)));
    }

    /// Adds a cause to the report, as long as there is room; without its information if only that does not fit.
    fn report(&mut self, mut cause: ErrorCause) {
        if self.report.len() < Self::MOST_REPORTED_CAUSES {
            if self.reported_bytes + cause.information.len() > MOST_QUOTED_BYTES {
                cause.information.clear();
            }
            self.reported_bytes += cause.information.len();
            self.report.push(cause);
        }
    }

    /// Handles a message of unknown type according to the two highest bits of the type (RFC 5354 section 4).
    pub(crate) fn unrecognized_message(&self, message_type: u8, message: &[u8]) -> Fault {
        let reaction = match message_type >> 6 {
            0b01 => Reaction::Report(vec![ErrorCause::unrecognized_message(quote(message))]),
            // 00 means this; 10 and 11 are reserved.
            _ => Reaction::DiscardSilently,
        };
        Fault {
            violation: Violation::UnknownMessage(message_type),
            reaction,
        }
    }

    /// Handles a parameter that has no meaning at its position, according to the two highest bits of its type (RFC
    /// 5354 section 2): returns `Ok` to continue without it, or an error to stop.
    pub(crate) fn unrecognized(&mut self, parameter: &RawParameter<'_>) -> Result<(), Fault> {
        let violation = Violation::UnrecognizedParameter(parameter.parameter_type);
        match parameter.parameter_type >> 14 {
            0b00 => Err(Fault::silent(violation)),
            0b01 => {
                self.report_unrecognized(parameter);
                Err(Fault {
                    violation,
                    reaction: Reaction::Report(std::mem::take(&mut self.report)),
                })
            }
            0b10 => Ok(()),
            // rsplib does not report what it skips (D-27).
            _ => {
                self.report_unrecognized(parameter);
                Ok(())
            }
        }
    }
}

/// A parameter with a checked frame and an unchecked value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawParameter<'a> {
    pub(crate) parameter_type: u16,
    /// The bytes after type and length.
    pub(crate) value: &'a [u8],
    /// The whole parameter, without padding.
    pub(crate) whole: &'a [u8],
}

impl<'a> RawParameter<'a> {
    /// The length of type and length.
    const HEADER: usize = 4;

    /// Reads a parameter and its padding.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let start = reader.rest();
        let parameter_type = reader.u16()?;
        let length = usize::from(reader.u16()?);
        let misfit = |_| Fault::silent(Violation::Length);
        let whole = Reader::new(start).bytes(length).map_err(misfit)?;
        let value_length = length
            .checked_sub(Self::HEADER)
            .ok_or(Fault::silent(Violation::Length))?;
        let value = reader.bytes(value_length).map_err(misfit)?;
        reader.skip(padding(length));
        Ok(Self {
            parameter_type,
            value,
            whole,
        })
    }

    /// Returns the fault for an unacceptable value: cause 3 with the parameter.
    pub(crate) fn invalid(&self) -> Fault {
        Fault {
            violation: Violation::InvalidValue(self.parameter_type),
            reaction: Reaction::Refuse(ErrorCause::invalid_values(quote(self.whole))),
        }
    }

    /// Returns the value as an array, if it has exactly this length.
    pub(crate) fn array<const N: usize>(&self) -> Result<[u8; N], Fault> {
        self.value.try_into().map_err(|_| self.invalid())
    }
}

/// Reads the identifier of a registrar, which must not be 0.
pub(crate) fn determined(reader: &mut Reader<'_>) -> Result<RegistrarIdentifier, Fault> {
    let identifier = RegistrarIdentifier(reader.u32()?);
    if identifier.is_determined() {
        Ok(identifier)
    } else {
        Err(Fault::silent(Violation::ReservedValue))
    }
}

/// A type that is encoded as a parameter.
pub(crate) trait TypedParameter: Sized {
    /// The parameter type; the most common one if there are several.
    const TYPE: u16;

    /// Returns whether a parameter of this type can be decoded as `Self`.
    fn accepts(parameter_type: u16) -> bool {
        parameter_type == Self::TYPE
    }

    /// Decodes and checks the value.
    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault>;

    /// Writes the complete parameter.
    fn encode(&self, writer: &mut Writer);
}

/// The parameters of a message, or of a parameter that contains others, read in the order of the RFC's figure
/// (D-17).
///
/// There may be unknown parameters between them. Every reading method handles those that it encounters.
pub(crate) struct Parameters<'a, 'c> {
    reader: Reader<'a>,
    context: &'c mut Context,
    /// Types that may occur once and have occurred; further occurrences are ignored.
    taken: Vec<u16>,
}

impl<'a, 'c> Parameters<'a, 'c> {
    pub(crate) const fn new(reader: Reader<'a>, context: &'c mut Context) -> Self {
        Self {
            reader,
            context,
            taken: Vec::new(),
        }
    }

    /// Reads the next parameter if it is a `T`, whatever was read before.
    pub(crate) fn next_if<T: TypedParameter>(&mut self) -> Result<Option<T>, Fault> {
        while !self.reader.is_empty() {
            let mut ahead = self.reader.clone();
            let raw = RawParameter::read(&mut ahead)?;
            if T::accepts(raw.parameter_type) {
                self.reader = ahead;
                return T::decode(&raw, self.context).map(Some);
            }
            if !self.taken.contains(&raw.parameter_type) {
                if is_standard(raw.parameter_type) {
                    return Ok(None);
                }
                self.context.unrecognized(&raw)?;
            }
            self.reader = ahead;
        }
        Ok(None)
    }

    /// Reads a parameter that occurs at most once.
    pub(crate) fn optional<T: TypedParameter>(&mut self) -> Result<Option<T>, Fault> {
        let value = self.next_if()?;
        if value.is_some() {
            self.taken.push(T::TYPE);
        }
        Ok(value)
    }

    /// Reads a required parameter.
    pub(crate) fn required<T: TypedParameter>(&mut self) -> Result<T, Fault> {
        match self.optional()? {
            Some(value) => Ok(value),
            None => {
                // Another parameter in its place, if there is one, is handled first.
                self.finish()?;
                Err(Fault::missing(T::TYPE))
            }
        }
    }

    /// Reads the next parameter if it is a `T`; `Some(None)` if its value is unacceptable, which is reported.
    ///
    /// This is for data that a message has collected from many sources: one bad value must not invalidate the others
    /// (D-30).
    pub(crate) fn next_acceptable<T: TypedParameter>(&mut self) -> Result<Option<Option<T>>, Fault> {
        match self.next_if() {
            Ok(value) => Ok(value.map(Some)),
            Err(Fault {
                reaction: Reaction::Refuse(cause),
                ..
            }) => {
                self.context.report(cause);
                Ok(Some(None))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Reads consecutive parameters of this kind, without those that have an unacceptable value.
    pub(crate) fn acceptable<T: TypedParameter>(&mut self) -> Result<Vec<T>, Fault> {
        let mut values = Vec::new();
        while let Some(value) = self.next_acceptable()? {
            values.extend(value);
        }
        Ok(values)
    }

    /// Reads consecutive parameters of this kind.
    pub(crate) fn repeated<T: TypedParameter>(&mut self) -> Result<Vec<T>, Fault> {
        let mut values = Vec::new();
        while let Some(value) = self.next_if()? {
            values.push(value);
        }
        Ok(values)
    }

    /// Handles all remaining parameters: none of them is expected.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        while !self.reader.is_empty() {
            let raw = RawParameter::read(&mut self.reader)?;
            if !self.taken.contains(&raw.parameter_type) {
                self.context.unrecognized(&raw)?;
            }
        }
        Ok(())
    }
}

/// Returns whether this is one of RFC 5354's own types. All of them have the action bits 00.
const fn is_standard(parameter_type: u16) -> bool {
    matches!(parameter_type, 0x0001..=0x0010)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::CauseCode;

    fn read(bytes: &[u8]) -> Result<RawParameter<'_>, Fault> {
        RawParameter::read(&mut Reader::new(bytes))
    }

    #[test]
    fn a_length_below_the_header_or_beyond_the_parent_does_not_fit() {
        for length in [0, 1, 2, 3, 9] {
            let fault = read(&[0, 9, 0, length, 1, 2, 3, 4]).unwrap_err();
            assert_eq!(fault, Fault::silent(Violation::Length), "{length}");
        }
    }

    #[test]
    fn padding_may_be_missing_at_the_end() {
        let raw = read(&[0, 9, 0, 5, b'x']).unwrap();
        assert_eq!(raw.value, b"x");
    }

    #[test]
    fn action_bits_decide_about_unknown_parameters() {
        let unknown = |high: u8| [high, 0xbc, 0, 4];
        let act = |high| {
            let bytes = unknown(high);
            let mut context = Context::default();
            let outcome = context.unrecognized(&read(&bytes).unwrap());
            (outcome.map_err(|fault| fault.reaction), context.report)
        };
        let cause = |high| vec![ErrorCause::unrecognized_parameter(&unknown(high))];
        assert_eq!(act(0x0a), (Err(Reaction::DiscardSilently), vec![]));
        assert_eq!(act(0x4a), (Err(Reaction::Report(cause(0x4a))), vec![]));
        assert_eq!(act(0x8a), (Ok(()), vec![]));
        assert_eq!(act(0xca), (Ok(()), cause(0xca)));
    }

    #[test]
    fn a_stop_reports_the_parameters_skipped_before_it_as_well() {
        let mut context = Context::default();
        let skipped = [0xca, 0xbc, 0, 4];
        let stopping = [0x4a, 0xbc, 0, 4];
        context.unrecognized(&read(&skipped).unwrap()).unwrap();
        let fault = context.unrecognized(&read(&stopping).unwrap()).unwrap_err();
        let causes = [skipped, stopping].map(|bytes| ErrorCause::unrecognized_parameter(&bytes));
        assert_eq!(fault.reaction, Reaction::Report(causes.to_vec()));
    }

    #[test]
    fn what_is_too_large_to_be_quoted_is_left_out() {
        let mut bytes = vec![0, 9, 0x40, 0x01];
        bytes.resize(0x4001, 0);
        assert_eq!(
            read(&bytes).unwrap().invalid().reaction,
            Reaction::Refuse(ErrorCause::bare(CauseCode::INVALID_VALUES))
        );
        let fault = Context::default().unrecognized_message(0x40, &bytes);
        assert_eq!(
            fault.reaction,
            Reaction::Report(vec![ErrorCause::bare(CauseCode::UNRECOGNIZED_MESSAGE)])
        );
    }

    #[test]
    fn a_report_is_bounded() {
        let mut context = Context::default();
        let mut bytes = vec![0xca, 0xbc, 0x10, 0];
        bytes.resize(0x1000, 0);
        let large = read(&bytes).unwrap();
        for _ in 0..100 {
            context.unrecognized(&large).unwrap();
        }
        assert_eq!(context.report.len(), Context::MOST_REPORTED_CAUSES);
        let quoted: usize = context.report.iter().map(|cause| cause.information.len()).sum();
        assert_eq!(quoted, MOST_QUOTED_BYTES);
    }
}
