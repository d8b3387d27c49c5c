//! The appearance of the window, as set on the command line.

use clap::ValueEnum;

/// How the window is to look.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Appearance {
    /// Draw with less effort: for machines without a graphics processor
    #[arg(long)]
    pub low_graphics: bool,
    /// What draws the window
    #[arg(long, value_enum, default_value_t)]
    pub renderer: Renderer,
    /// Colours of the window
    #[arg(long, value_enum, default_value_t)]
    pub theme: Theme,
    /// Size of texts and controls
    #[arg(long, value_enum, default_value_t)]
    pub text_size: TextSize,
}

/// What draws the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Renderer {
    /// OpenGL, or else what wgpu finds
    #[default]
    Auto,
    /// OpenGL
    Glow,
    /// Vulkan, Metal, Direct3D or OpenGL
    Wgpu,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Theme {
    /// As the desktop has it
    #[default]
    System,
    /// Light text on a dark ground
    Dark,
    /// Dark text on a light ground
    Light,
}

/// Size of texts and controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TextSize {
    /// For a screen in front of one person
    #[default]
    Normal,
    /// For a projector in a room
    Large,
}
