//! The look of edges: colour and thickness show the purpose, dashes show the certainty.

use egui::Stroke;
use feed::{ComponentRole, Protocol};

use crate::graph::curve::Curve;
use crate::graph::dimensions::{ABSENT, BETWEEN_REGISTRARS, DOUBTFUL, Dashes, MOB, ONE_SIDED};
use crate::graph::edge::{Certainty, EdgeKey};
use crate::graph::node_id::NodeId;
use crate::graph::painter::GraphPainter;
use crate::theme::fade;

/// An edge without its ends.
#[derive(Debug, Clone, Copy)]
struct EdgeLine {
    protocol: Protocol,
    certainty: Certainty,
    /// Whether it joins a pool element with its home registrar.
    is_home: bool,
    /// The pool element whose colour the data has.
    element_colour: Option<usize>,
    /// 1 is normal, less is dimmed.
    strength: f32,
    /// Whether there are so many others that only thin lines can be told apart.
    is_thin: bool,
}

impl EdgeLine {
    fn opacity(&self) -> f32 {
        let natural = match (self.certainty, self.protocol) {
            (Certainty::Both, Protocol::Application) => 1.0,
            (Certainty::Both, Protocol::Asap) if self.is_home => 1.0,
            _ => 0.9,
        };
        self.strength * natural
    }

    /// Returns the thickness, given the scale of lines.
    fn width(&self, scale: f32) -> f32 {
        let dimmed = match self.strength < 1.0 {
            true if self.is_thin => 0.45,
            true => 0.7,
            false => 1.0,
        };
        let natural = match self.protocol {
            Protocol::Asap if self.is_home => 2.5,
            Protocol::Asap => 1.2,
            Protocol::Enrp => 2.2,
            Protocol::Application => 4.0,
        };
        scale * dimmed * natural
    }

    fn dashes(&self) -> Option<Dashes> {
        match (self.certainty, self.protocol) {
            (Certainty::OneSided, _) => Some(ONE_SIDED),
            (Certainty::Absent, _) => Some(ABSENT),
            (Certainty::Doubtful, _) => Some(DOUBTFUL),
            (Certainty::Both, Protocol::Enrp) => Some(BETWEEN_REGISTRARS),
            (Certainty::Both, _) => None,
        }
    }
}

impl GraphPainter<'_> {
    /// Draws the edges between the control centre's own components: application at the back, then ENRP, then ASAP.
    pub(super) fn paint_edges(&self) {
        let edges = &self.relations.edges;
        for protocol in [Protocol::Application, Protocol::Enrp, Protocol::Asap] {
            let shown = |key: &EdgeKey| key.protocol == protocol && !self.hidden.contains(&protocol);
            for (&key, edge) in edges.iter().filter(|(key, _)| shown(key)) {
                let line = EdgeLine {
                    protocol,
                    certainty: edge.certainty,
                    is_home: edge.home.is_some(),
                    element_colour: edge.element_colour,
                    strength: self.edge_strength(key.ends, edges.len()),
                    is_thin: edges.len() > MOB,
                };
                if self.is_left_out(key.ends, &line, edges.len()) {
                    continue;
                }
                if let Some(curve) = self.geometry.edge(key, edge) {
                    self.paint_edge(line, curve);
                }
            }
        }
    }

    /// Returns whether an edge would only hide others: a mob of pool users is in touch with its registrars.
    fn is_left_out(&self, ends: [NodeId; 2], line: &EdgeLine, edges: usize) -> bool {
        edges > MOB
            && line.protocol == Protocol::Asap
            && line.certainty == Certainty::Both
            && !line.is_home
            && !matches!(&self.chosen, Some((chosen, _)) if ends.contains(chosen))
            && ends.iter().any(|end| self.is_pool_user(*end))
    }

    fn is_pool_user(&self, node: NodeId) -> bool {
        let component = node.own().and_then(|id| self.snapshot.component(id));
        component.is_some_and(|component| component.role() == ComponentRole::PoolUser)
    }

    /// Draws the edges to components started elsewhere.
    pub(super) fn paint_external_edges(&self) {
        let edges = &self.relations.external;
        for (&key, edge) in edges {
            let certainty = if edge.is_stale(self.snapshot.now) {
                Certainty::Doubtful
            } else {
                Certainty::Both
            };
            let line = EdgeLine {
                protocol: key.protocol,
                certainty,
                is_home: false,
                element_colour: edge.element_colour,
                strength: self.edge_strength(key.ends, edges.len()),
                is_thin: edges.len() > MOB,
            };
            if let Some(curve) = self.geometry.external_edge(key, edge) {
                self.paint_edge(line, curve);
            }
        }
    }

    fn paint_edge(&self, line: EdgeLine, curve: Curve) {
        let is_work = line.protocol == Protocol::Application;
        let colour = fade(self.theme.protocol(line.protocol), line.opacity());
        let width = line.width(self.geometry.line_scale());
        if let Some(dashes) = line.dashes() {
            let width = if is_work { width * 0.6 } else { width };
            let stroke = Stroke::new(width, colour);
            let line = dashes.line(&curve.points(), stroke, self.geometry.zoom);
            self.painter.extend(line);
        } else if let Some(element) = line.element_colour.filter(|_| is_work) {
            // A broad, soft band in the colour of the pool element below a thin line: work is being done here.
            let band = fade(self.theme.element(element), 0.22 * line.strength);
            self.painter.add(curve.line(Stroke::new(width * 2.2, band)));
            self.painter.add(curve.line(Stroke::new(width * 0.45, colour)));
        } else {
            self.painter.add(curve.line(Stroke::new(width, colour)));
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::Color32;

    use super::*;
    use crate::graph::dimensions::CROWDED_EDGE;
    use crate::theme::{DARK, LIGHT, mix, vision::contrast};

    #[test]
    fn every_line_stands_out_from_the_ground() {
        let certainties = [
            Certainty::Both,
            Certainty::Doubtful,
            Certainty::OneSided,
            Certainty::Absent,
        ];
        for theme in [&DARK, &LIGHT] {
            for protocol in [Protocol::Asap, Protocol::Enrp, Protocol::Application] {
                for certainty in certainties {
                    for (is_home, strength) in [(true, 1.0), (false, 1.0), (false, CROWDED_EDGE)] {
                        let line = EdgeLine {
                            protocol,
                            certainty,
                            is_home,
                            element_colour: None,
                            strength,
                            is_thin: false,
                        };
                        let seen: Color32 = mix(theme.ground, theme.protocol(protocol), line.opacity());
                        let contrast = contrast(seen, theme.ground);
                        assert!(contrast >= 3.0, "{line:?}: {contrast}");
                    }
                }
            }
        }
    }
}
