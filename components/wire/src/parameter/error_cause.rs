//! Error causes of the Operation Error parameter (RFC 5354 section 3.12).

/// The code of an error cause. Any value may arrive (D-16); the constants are those of RFC 5354.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseCode(pub u16);

impl CauseCode {
    /// 0, Unspecified Error.
    pub const UNSPECIFIED: Self = Self(0);
    /// 1, Unrecognized Parameter; carries the complete parameter.
    pub const UNRECOGNIZED_PARAMETER: Self = Self(1);
    /// 2, Unrecognized Message; carries the complete message.
    pub const UNRECOGNIZED_MESSAGE: Self = Self(2);
    /// 3, Invalid Values; carries the parameter.
    pub const INVALID_VALUES: Self = Self(3);
    /// 4, Non-unique PE Identifier.
    pub const NON_UNIQUE_PE_IDENTIFIER: Self = Self(4);
    /// 5, Inconsistent Pooling Policy; carries a policy parameter with the policy of the pool.
    pub const INCONSISTENT_POOLING_POLICY: Self = Self(5);
    /// 6, Lack of Resources.
    pub const LACK_OF_RESOURCES: Self = Self(6);
    /// 7, Inconsistent Transport Type; carries a transport parameter of the pool's kind.
    pub const INCONSISTENT_TRANSPORT_TYPE: Self = Self(7);
    /// 8, Inconsistent Data/Control Configuration.
    pub const INCONSISTENT_DATA_CONTROL: Self = Self(8);
    /// 9, Unknown Pool Handle.
    pub const UNKNOWN_POOL_HANDLE: Self = Self(9);
    /// 10, Rejected due to security considerations.
    pub const SECURITY: Self = Self(10);
}

/// One error cause: a code, and what the code says its information is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCause {
    /// The code.
    pub code: CauseCode,
    /// The information, often empty; kept as bytes, since it may hold anything a peer sent.
    pub information: Vec<u8>,
}

impl ErrorCause {
    /// A cause that carries no information.
    #[must_use]
    pub const fn bare(code: CauseCode) -> Self {
        Self {
            code,
            information: Vec::new(),
        }
    }
}
