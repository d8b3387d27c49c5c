//! Sequence charts: life lines, arrows, bands and squeezed time, laid out and exported.
