//! Pictures as textures: converts iteration counts to colours, row by row as rows change.

use std::collections::BTreeMap;
use std::ops::Range;

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};
use feed::ComponentIdentity;
use fractal::colour::{Colours, Palette};

use crate::theme::{Theme, mix};
use model::{Canvas, ComponentId, Model};
use wire::PeIdentifier;

/// The share of a tinted pixel's colour that comes from its pool element.
const TINT: f32 = 0.4;

/// The pictures of all pool users as textures.
#[derive(Default)]
pub struct Canvases {
    /// The pictures that arrive.
    shown: BTreeMap<ComponentId, Shown>,
    /// The pictures that a story is about, once others arrive.
    held: BTreeMap<ComponentId, Shown>,
    /// The model whose pictures these are.
    epoch: u64,
}

impl std::fmt::Debug for Canvases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.shown.keys()).finish()
    }
}

/// A picture as shown.
pub struct Shown {
    /// The texture, one texel per pixel.
    pub texture: TextureHandle,
    /// For each row, who computed its first pixel: 0 for nobody yet, else an index into the picture's pool elements
    /// plus 1.
    pub rows: Vec<u8>,
    image: u32,
    look: Look,
    table: Table,
}

/// Everything that the colours of all pixels depend on.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    tint: bool,
    dark: bool,
    max_iterations: u32,
    /// The colours of the picture's pool elements.
    elements: Vec<Color32>,
}

impl Canvases {
    /// Updates the textures with the changes in the model, and clears the marks of these changes. The pictures of another
    /// model than before, which the epoch tells, are taken over as a whole.
    pub fn update(&mut self, context: &Context, epoch: u64, model: &mut Model, tint: bool) {
        let same_model = std::mem::replace(&mut self.epoch, epoch) == epoch;
        let dark = context.theme() == egui::Theme::Dark;
        let theme = Theme::dark_or_light(dark);
        let colours: BTreeMap<PeIdentifier, Color32> = if model
            .components
            .values()
            .any(|component| component.canvas.is_some())
        {
            model
                .components
                .values()
                .filter_map(|component| match component.identity? {
                    ComponentIdentity::PoolElement(identifier) => {
                        Some((identifier, theme.element(component.colour)))
                    }
                    _ => None,
                })
                .collect()
        } else {
            BTreeMap::new()
        };
        for component in model.components.values_mut() {
            let id = component.id;
            // Who computed what of a picture that a story is about is part of the story.
            let past = component.held_is_past();
            let look = |canvas: &Canvas, of_story: bool| Look {
                tint: tint || of_story,
                dark,
                max_iterations: canvas.max_iterations,
                elements: canvas
                    .pool_elements
                    .iter()
                    .map(|identifier| colours.get(identifier).copied().unwrap_or(theme.weak))
                    .collect(),
            };
            match component.held_canvas().filter(|_| past) {
                Some(canvas) => {
                    // What is kept does not change, unless it is that of another time.
                    let dirty = (!same_model).then_some(0..canvas.height);
                    Self::update_one(&mut self.held, context, id, canvas, dirty, look(canvas, true));
                }
                None => {
                    self.held.remove(&id);
                }
            }
            let of_story = component.held_canvas().is_some() && !past;
            let Some(canvas) = &mut component.canvas else {
                continue;
            };
            let dirty = canvas.dirty.0.take();
            let dirty = if same_model { dirty } else { Some(0..canvas.height) };
            let look = look(canvas, of_story);
            Self::update_one(&mut self.shown, context, id, canvas, dirty, look);
        }
    }

    fn update_one(
        shown: &mut BTreeMap<ComponentId, Shown>,
        context: &Context,
        id: ComponentId,
        canvas: &Canvas,
        dirty: Option<Range<u32>>,
        look: Look,
    ) {
        let size = [canvas.width as usize, canvas.height as usize];
        if size.contains(&0) {
            return;
        }
        let all = 0..canvas.height;
        let known = shown.get_mut(&id);
        match known {
            Some(shown) if shown.texture.size() == size => {
                // A new pool element only adds a colour; nothing already drawn changes.
                let same_look = shown.look.tint == look.tint
                    && shown.look.dark == look.dark
                    && shown.look.max_iterations == look.max_iterations
                    && look.elements.starts_with(&shown.look.elements)
                    && shown.image == canvas.image;
                if shown.look.max_iterations != look.max_iterations {
                    shown.table = Table::new(look.max_iterations);
                }
                let rows = if same_look { dirty } else { Some(all) };
                if let Some(rows) = rows {
                    let rows = rows.start.min(canvas.height)..rows.end.min(canvas.height);
                    if !rows.is_empty() {
                        let image = colour_rows(canvas, rows.clone(), &look, &shown.table);
                        shown
                            .texture
                            .set_partial([0, rows.start as usize], image, options());
                        note_rows(&mut shown.rows, canvas, rows);
                    }
                }
                shown.look = look;
                shown.image = canvas.image;
            }
            _ => {
                let table = Table::new(look.max_iterations);
                let image = colour_rows(canvas, all.clone(), &look, &table);
                let texture = context.load_texture(format!("picture {}", id.0), image, options());
                let mut rows = vec![0; size[1]];
                note_rows(&mut rows, canvas, all);
                shown.insert(
                    id,
                    Shown {
                        texture,
                        rows,
                        image: canvas.image,
                        look,
                        table,
                    },
                );
            }
        }
    }

    /// Returns the texture of a pool user's picture.
    #[must_use]
    pub fn get(&self, id: ComponentId) -> Option<&Shown> {
        self.shown.get(&id)
    }

    /// Returns the texture of a pool user's picture that is kept while another one arrives.
    #[must_use]
    pub fn held(&self, id: ComponentId) -> Option<&Shown> {
        self.held.get(&id)
    }

    /// Drops the textures of pool users that are gone.
    pub fn forget_gone(&mut self, model: &Model) {
        self.held.retain(|id, _| model.components.contains_key(id));
        self.shown.retain(|id, _| model.components.contains_key(id));
    }
}

/// Smooths reduced pictures, and shows square pixels in enlarged ones.
fn options() -> TextureOptions {
    TextureOptions {
        magnification: egui::TextureFilter::Nearest,
        minification: egui::TextureFilter::Linear,
        ..TextureOptions::LINEAR
    }
}

fn colour_rows(canvas: &Canvas, rows: Range<u32>, look: &Look, table: &Table) -> ColorImage {
    let width = canvas.width as usize;
    let first = rows.start as usize * width;
    let last = rows.end as usize * width;
    let blank = Theme::dark_or_light(look.dark).blank;
    let iterations = canvas.iterations.get(first..last).unwrap_or_default();
    let computed_by = canvas.computed_by.get(first..last).unwrap_or_default();
    let mut pixels = Vec::with_capacity(last - first);
    pixels.extend(iterations.iter().zip(computed_by).map(|(&iterations, &by)| {
        let Some(by) = usize::from(by).checked_sub(1) else {
            return blank;
        };
        let colour = table.colour(iterations);
        match look.elements.get(by) {
            Some(&element) if look.tint => mix(colour, element, TINT),
            _ => colour,
        }
    }));
    pixels.resize(last - first, blank);
    ColorImage::new([width, rows.len()], pixels)
}

fn note_rows(rows: &mut [u8], canvas: &Canvas, changed: Range<u32>) {
    let width = canvas.width as usize;
    for row in changed.start as usize..changed.end as usize {
        if let (Some(note), Some(pixels)) = (
            rows.get_mut(row),
            canvas.computed_by.get(row * width..(row + 1) * width),
        ) {
            *note = pixels.iter().copied().find(|&by| by != 0).unwrap_or(0);
        }
    }
}

/// The colours of a picture, with those of the usual values precomputed.
struct Table {
    colours: Colours,
    usual: Vec<Color32>,
}

impl Table {
    /// Values below this one are looked up.
    const USUAL: u32 = 4096;

    fn new(max_iterations: u32) -> Self {
        // The same colours as in saved pictures.
        let colours = Colours::new(Palette::default(), max_iterations);
        let usual = (0..=max_iterations.min(Self::USUAL)).map(|value| Self::worked_out(&colours, value));
        let usual = usual.collect();
        Self { colours, usual }
    }

    fn worked_out(colours: &Colours, value: u32) -> Color32 {
        let [red, green, blue] = colours.colour(value);
        Color32::from_rgb(red, green, blue)
    }

    fn colour(&self, value: u32) -> Color32 {
        match self.usual.get(value as usize) {
            Some(colour) => *colour,
            None => Self::worked_out(&self.colours, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looked_up_colours_are_those_of_saved_pictures() {
        let table = Table::new(10_000);
        let colours = Colours::new(Palette::default(), 10_000);
        for value in [0, 1, 77, 4095, 4096, 4097, 9_999, 10_000, u32::MAX] {
            assert_eq!(table.colour(value), Table::worked_out(&colours, value), "{value}");
        }
    }

    #[test]
    fn the_picture_of_another_time_is_taken_over_as_a_whole() {
        let id = ComponentId(1);
        let model = |computed_by: u8| {
            let mut model = Model::default();
            model.apply(model::Update::Component {
                component: id,
                at: feed::Timestamp::default(),
                change: model::Change::Added {
                    name: "PU 1".into(),
                    spec: Box::new(scenario::ComponentSpec::new(feed::ComponentRole::PoolUser)),
                },
            });
            let mut canvas = Canvas::new(1, 4, 4, 10).expect("a small picture");
            canvas.computed_by.fill(computed_by);
            // All that has changed was drawn already, though in another window.
            canvas.dirty.0 = None;
            if let Some(user) = model.components.get_mut(&id) {
                user.canvas = Some(canvas);
            }
            model
        };
        let (context, mut canvases) = (Context::default(), Canvases::default());
        let mut rows = |epoch, computed_by| {
            canvases.update(&context, epoch, &mut model(computed_by), false);
            canvases.get(id).expect("a picture").rows.clone()
        };
        assert_eq!(rows(0, 1), [1; 4]);
        assert_eq!(rows(0, 2), [1; 4], "nothing has changed");
        assert_eq!(rows(1, 2), [2; 4]);
        assert_eq!(rows(0, 1), [1; 4], "and back");
    }

    #[test]
    fn pixels_that_nobody_computed_are_blank() {
        let mut canvas = Canvas::new(1, 2, 1, 10).expect("a small picture");
        canvas.iterations = vec![10, 10].into();
        canvas.computed_by = vec![0, 1].into();
        canvas.pool_elements = vec![PeIdentifier(7)];
        let look = Look {
            tint: false,
            dark: true,
            max_iterations: 10,
            elements: vec![Color32::WHITE],
        };
        let image = colour_rows(&canvas, 0..1, &look, &Table::new(10));
        assert_eq!(
            image.pixels,
            [Theme::dark_or_light(true).blank, Table::new(10).colour(10)]
        );
    }
}
