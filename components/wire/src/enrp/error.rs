//! ENRP_ERROR (RFC 5353 section 2.10).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0a, no flags, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | n | Operation Error |

use crate::decoding::{Context, Fault, Parameters};
use crate::parameter::ErrorCause;
use crate::reader::Reader;

/// The type of ENRP_ERROR.
pub(super) const ERROR: u8 = 0x0a;

/// Reads the causes, at least one.
pub(super) fn decode_causes(value: Reader<'_>, context: &mut Context) -> Result<Vec<ErrorCause>, Fault> {
    let mut parameters = Parameters::new(value, context);
    let causes = parameters.required()?;
    parameters.finish()?;
    Ok(causes)
}
