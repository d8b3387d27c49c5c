//! The text beside a component's node: its name, and its state in a few words.

use egui::pos2;
use feed::ComponentRole;

use crate::graph::dimensions::MARKED;
use crate::graph::label::{LaidOut, Line};
use crate::graph::link_fault::Kind;
use crate::graph::node::OwnNode;
use crate::icon::Icon;
use crate::theme::{self, fade};
use crate::wording::{self, Standing};
use command::links;
use model::words;

/// The least width of the text of a registrar for more than the necessary words.
const WORDY: f32 = 130.0;
/// The width of a name with two digits, alone and with a load, relative to the size of its text.
const LEAST_NAME: f32 = 3.2;
const WITH_LOAD: f32 = 6.7;
/// The mark of the home registrar after the name: its size, the room that it needs, and its distance.
const MARK: f32 = 8.5;
const MARK_ROOM: f32 = 20.0;
const MARK_GAP: f32 = 12.0;

impl OwnNode<'_> {
    /// Draws the lines beside the node.
    pub(super) fn paint_label(&self) {
        let scale = self.graph.geometry.text_scale();
        let is_alive = self.component.process.is_alive();
        // Where there is no room for the mark of the home registrar at the corner, it follows the name, unless the name
        // needs the room.
        let least = self.graph.measures.small_name * LEAST_NAME + MARK_ROOM;
        let marked = self
            .home
            .filter(|_| self.place.radius < MARKED && is_alive && self.place.label_width >= least * scale);
        let name = self.name(if marked.is_some() { MARK_ROOM * scale } else { 0.0 });
        let mut lines = vec![name];
        if self.place.lines > 1 {
            let standing = self.among_registrars();
            // The numbers are in the shape of a registrar, too.
            let is_known = standing.is_some()
                && self.component.role() == ComponentRole::Registrar
                && self.standing == Standing::Ready
                && self.place.label_width < WORDY;
            if !is_known {
                lines.push(self.lay_out(self.doing()));
            }
            lines.extend(standing.map(|line| self.lay_out(line)));
            let is_ready = self.standing == Standing::Ready;
            let data = wording::policy_data(self.component).filter(|_| is_ready && self.place.lines > 2);
            lines.extend(data.map(|data| {
                self.lay_out(Line {
                    short: Some(data.replace("degradation", "degr.")),
                    ..Line::new(data, self.graph.theme.weak)
                })
            }));
        }
        let all = links::impairment_of_all(self.component);
        if is_alive && !all.is_none() && !all.cut {
            let line = Line {
                icon: Some(Kind::of(&all).icon()),
                ..Line::new(links::words(&all), self.graph.theme.fault)
            };
            lines.push(self.lay_out(line));
        }
        if let Some(messages) = self.component.fails_after() {
            let line = Line {
                icon: Some(Icon::Bolt),
                ..Line::new(wording::fails_after(messages), self.graph.theme.fault)
            };
            lines.push(self.lay_out(line));
        }
        let end = self.graph.paint_beside(self.place, lines, self.strength);
        if let Some(home) = marked {
            let at = pos2(end.x + MARK_GAP * scale, end.y);
            self.paint_home_mark(home, at, MARK * scale);
        }
    }

    /// Lays out a line below the name. The fewer nodes there are, the larger it is.
    fn lay_out(&self, line: Line) -> LaidOut {
        let size =
            (self.graph.measures.line + self.graph.growth(self.place)) * self.graph.geometry.text_scale();
        line.lay_out(
            &self.graph.painter,
            theme::plain_font(size),
            self.place.label_width,
        )
    }

    /// Lays out the name, cut so that this much room is left.
    fn name(&self, room: f32) -> LaidOut {
        let theme = self.graph.theme;
        let measures = self.graph.measures;
        let natural = if self.place.lines > 1 {
            measures.name + measures.name_growth * self.graph.growth(self.place)
        } else {
            measures.small_name
        };
        let font = theme::strong_font(natural * self.graph.geometry.text_scale());
        let ink = if self.component.process.is_alive() {
            theme.text
        } else {
            theme.weak
        };
        // Where the load has no line of its own, it follows the name: everywhere or nowhere, however long it is.
        let has_room = self.place.label_width - room >= font.size * WITH_LOAD;
        let load = self.component.load.filter(|_| {
            let is_ready = matches!(self.standing, Standing::Ready | Standing::Running);
            self.place.lines == 1 && has_room && is_ready
        });
        let weak = fade(theme.weak, self.strength);
        let name = Line {
            figure: load.map(|load| (words::percent(load.load), weak)),
            ..Line::new(self.component.name.as_str(), ink)
        };
        name.lay_out(&self.graph.painter, font, self.place.label_width - room)
    }

    /// Returns what the component does.
    fn doing(&self) -> Line {
        let theme = self.graph.theme;
        let colour = match self.standing {
            Standing::Ready | Standing::Running | Standing::Stopped | Standing::NotStarted => theme.weak,
            standing => standing.colour(theme),
        };
        Line {
            short: self.doing_in_short(),
            ..Line::new(self.doing_in_words(), colour)
        }
    }

    /// Returns a shorter text for where the other one would be cut.
    fn doing_in_short(&self) -> Option<String> {
        let component = self.component;
        if !matches!(self.standing, Standing::Ready | Standing::Running) {
            return None;
        }
        match (component.role(), component.load, component.handlespace) {
            (ComponentRole::PoolElement, Some(load), _) => Some(words::percent(load.load)),
            (ComponentRole::Registrar, _, Some(size)) => {
                Some(format!("owns {} of {}", size.owned, size.pool_elements))
            }
            (ComponentRole::PoolUser, ..) => {
                Some(self.servers().join(", ")).filter(|names| !names.is_empty())
            }
            (ComponentRole::PoolElement | ComponentRole::Registrar, ..) => None,
        }
    }

    fn doing_in_words(&self) -> String {
        let component = self.component;
        if !matches!(self.standing, Standing::Ready | Standing::Running) {
            return wording::state_word(component).into_owned();
        }
        match (component.role(), component.load, component.handlespace) {
            (ComponentRole::PoolElement, Some(load), _) => {
                let sessions = words::counted(load.sessions.into(), "session");
                format!("{}, {sessions}", words::percent(load.load))
            }
            (ComponentRole::Registrar, _, Some(size)) => {
                let all = words::pool_elements(size.pool_elements);
                format!("owns {} of {all}", size.owned)
            }
            (ComponentRole::PoolUser, ..) => self.served_by(),
            (ComponentRole::PoolElement | ComponentRole::Registrar, ..) => component.status.clone(),
        }
    }

    fn served_by(&self) -> String {
        match self.servers().as_slice() {
            [] => self.component.status.clone(),
            names => format!("served by {}", names.join(", ")),
        }
    }

    /// Returns the names of the pool elements that serve a pool user.
    fn servers(&self) -> Vec<String> {
        let snapshot = self.graph.snapshot;
        let servers = snapshot.servers(self.component);
        let names = servers
            .iter()
            .map(|(identifier, _)| snapshot.model.pool_element_name(*identifier));
        names.collect()
    }

    /// Returns the relation of a registrar to its peers, or the home registrar of a pool element.
    fn among_registrars(&self) -> Option<Line> {
        let theme = self.graph.theme;
        if let Some(relation) = &self.relation {
            return Some(Line {
                icon: Some(relation.icon()),
                share: relation.share,
                short: Some(relation.short.clone()),
                ..Line::new(relation.text.as_str(), relation.colour(theme))
            });
        }
        let home = self.home.filter(|_| self.component.process.is_alive())?;
        let (text, short, colour) = if home.process.is_alive() {
            (format!("home {}", home.name), home.name.clone(), theme.weak)
        } else {
            let gone = format!("{} gone", home.name);
            (format!("home {}, gone", home.name), gone, theme.fault)
        };
        Some(Line {
            short: Some(short),
            ..Line::new(text, colour)
        })
    }
}
