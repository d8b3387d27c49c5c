//! The colours of exports.

use crate::drawing::Colour;
use crate::{BandKind, EventKind, Kind};

/// On what the chart is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Paper: dark on white.
    #[default]
    Paper,
    /// A dark screen.
    Dark,
}

/// The colours of a theme. Each is told apart by its form as well, as paper may be printed in grey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    dark: bool,
    pub(crate) background: Colour,
    pub(crate) text: Colour,
    pub(crate) faint: Colour,
    pub(crate) faintest: Colour,
    pub(crate) line: Colour,
    pub(crate) line_away: Colour,
    pub(crate) guide: Colour,
    pub(crate) header: Colour,
    pub(crate) band_edge: Colour,
    pub(crate) chosen: Colour,
}

const fn opaque(rgb: u32) -> Colour {
    with_alpha(rgb, 0xff)
}

const fn with_alpha(rgb: u32, alpha: u8) -> Colour {
    let [_, red, green, blue] = rgb.to_be_bytes();
    [red, green, blue, alpha]
}

impl Palette {
    pub(crate) const fn of(theme: Theme) -> Self {
        match theme {
            Theme::Paper => Self {
                dark: false,
                background: opaque(0x00ff_ffff),
                text: opaque(0x001c_2127),
                faint: opaque(0x0055_5d66),
                faintest: opaque(0x0080_8891),
                line: opaque(0x0062_6b75),
                line_away: opaque(0x00a3_abb3),
                guide: opaque(0x00b5_bcc3),
                header: opaque(0x00f2_f4f6),
                band_edge: opaque(0x009f_a7af),
                chosen: with_alpha(0x00ff_c83d, 0x90),
            },
            Theme::Dark => Self {
                dark: true,
                background: opaque(0x0016_1a1f),
                text: opaque(0x00ec_eff2),
                faint: opaque(0x00ae_b6be),
                faintest: opaque(0x0089_929b),
                line: opaque(0x0098_a1aa),
                line_away: opaque(0x005f_6871),
                guide: opaque(0x0045_4d55),
                header: opaque(0x0023_2930),
                band_edge: opaque(0x0056_5f68),
                chosen: with_alpha(0x00ff_c83d, 0x70),
            },
        }
    }

    const fn either(&self, paper: u32, dark: u32) -> Colour {
        opaque(if self.dark { dark } else { paper })
    }

    /// Colours after Okabe and Ito, darkened for thin lines on white, and lightened on black.
    pub(crate) const fn kind(&self, kind: Kind) -> Colour {
        match kind {
            Kind::Asap => self.either(0x0000_62a3, 0x0063_b7ee),
            Kind::Enrp => self.either(0x00b3_4a00, 0x00f0_8a45),
            Kind::Application => self.either(0x0000_7a58, 0x003f_c79c),
            Kind::Sctp => self.either(0x006a_7178, 0x00a0_a8b0),
            Kind::Other => self.either(0x0086_4a78, 0x00d7_95c1),
        }
    }

    pub(crate) const fn event(&self, kind: EventKind) -> Colour {
        match kind {
            EventKind::Fault => self.either(0x00b0_1030, 0x00ff_6b7d),
            EventKind::Detected | EventKind::TimerExpired => self.either(0x008a_5a00, 0x00f0_b94a),
            EventKind::Failover | EventKind::Takeover => self.either(0x0052_3a9b, 0x00b3_9dff),
            EventKind::Other => self.text,
        }
    }

    pub(crate) const fn band(&self, kind: BandKind) -> Colour {
        let (paper, dark) = match kind {
            BandKind::Detection => (0x00d5_5e00, 0x00f0_8a45),
            BandKind::Resolution => (0x0000_72b2, 0x0063_b7ee),
            BandKind::Resumption => (0x0000_9e73, 0x003f_c79c),
            BandKind::Takeover => (0x007a_5bc4, 0x00b3_9dff),
            BandKind::Other => (0x0077_7f88, 0x00a0_a8b0),
        };
        with_alpha(if self.dark { dark } else { paper }, 0x17)
    }
}
