//! Charts as files.

use ladder::{
    Content, ExportError, LARGEST_SIDE, Layout, Page, Style, Theme, pages, png, png_page, svg, svg_page,
};

use crate::{arrow, event, laid_out, three};

/// A chart with a text that is not harmless in XML.
fn dangerous() -> Content {
    let mut content = three();
    content.title = "<script>&\"' ]]> \u{0}\u{ffff} 🙂".into();
    content.life_lines[0].name = "PU <1> & \u{1b}[0m".into();
    content.arrows = vec![arrow(1, 0, 1, 0), arrow(2, 1, 2, 30_000)];
    content.arrows[0].label = "</text><image href=\"x\"/>".into();
    content.events = vec![event(1, 0, 500)];
    content
}

fn long() -> Layout {
    let mut content = three();
    content.arrows = (0..200).map(|id| arrow(id, 0, 1, 300 * id)).collect();
    laid_out(&content)
}

fn size(file: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    (reader.info().width, reader.info().height)
}

#[test]
fn a_document_is_well_formed_and_tells_what_it_shows() {
    let layout = laid_out(&dangerous());
    for theme in [Theme::Paper, Theme::Dark] {
        let style = Style {
            theme,
            prefix: "chart-7\" onload=\"".into(),
        };
        let document = svg(&layout, &style);
        let parsed = roxmltree::Document::parse(&document).unwrap();
        let root = parsed.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        assert_eq!(
            root.attribute("aria-labelledby"),
            Some("chart-7onload-title chart-7onload-desc")
        );
        let ids: Vec<_> = parsed
            .descendants()
            .filter_map(|node| node.attribute("id"))
            .collect();
        assert_eq!(ids, ["chart-7onload-title", "chart-7onload-desc"]);
        let text = |name: &str| {
            root.children()
                .find(|node| node.has_tag_name(name))
                .unwrap()
                .text()
                .unwrap()
        };
        assert!(text("title").contains("<script>&\"'"), "{}", text("title"));
        assert!(
            text("desc").contains("2 messages and 1 events"),
            "{}",
            text("desc")
        );
        let elements: std::collections::BTreeSet<_> =
            parsed.descendants().map(|node| node.tag_name().name()).collect();
        assert!(
            !elements.contains("script") && !elements.contains("image"),
            "{elements:?}"
        );
        let labels: Vec<_> = parsed.descendants().filter_map(|node| node.text()).collect();
        assert!(
            labels.contains(&"ASAP_MESSAGE_2") && labels.contains(&"</text><image href=\"x\"/>"),
            "{labels:?}"
        );
    }
}

#[test]
fn a_picture_has_the_size_of_the_document_and_dark_text_on_white() {
    let layout = laid_out(&dangerous());
    let file = png(&layout, &Style::default(), 1.5).unwrap();
    let document = svg(&layout, &Style::default());
    let parsed = roxmltree::Document::parse(&document).unwrap();
    let points = |name: &str| {
        parsed
            .root_element()
            .attribute(name)
            .unwrap()
            .parse::<f32>()
            .unwrap()
    };
    let pixels = |points: f32| (points * 1.5).ceil() as u32;
    let (width, height) = size(&file);
    assert!(width.abs_diff(pixels(points("width"))) <= 1 && height.abs_diff(pixels(points("height"))) <= 1);

    let mut reader = png::Decoder::new(std::io::Cursor::new(&file))
        .read_info()
        .unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    let row = width as usize * 3;
    assert!(
        data.iter().take(row).all(|part| *part == 0xff),
        "the first row is the margin"
    );
    assert!(
        data.iter().rev().take(row).all(|part| *part == 0xff),
        "and so is the last"
    );
    let title = &data[30 * row..62 * row];
    let dark = title
        .chunks(3)
        .filter(|pixel| pixel.iter().all(|part| *part < 100))
        .count();
    assert!(dark > 100, "{dark}");
}

#[test]
fn a_picture_that_is_too_large_is_refused_with_advice() {
    let layout = long();
    let error = png(&layout, &Style::default(), 9.0).unwrap_err();
    assert!(
        matches!(error, ExportError::TooLarge { height, .. } if height > u64::from(LARGEST_SIDE)),
        "{error}"
    );
    assert!(
        error.to_string().contains("divide the chart into pages"),
        "{error}"
    );
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = png(&layout, &Style::default(), scale).unwrap_err();
        assert!(matches!(error, ExportError::Scale(_)), "{error}");
    }
}

#[test]
fn pages_show_everything_once_with_the_headers_on_each() {
    let layout = long();
    let pages = pages(&layout, 800.0);
    assert!(pages.len() > 2, "{pages:?}");
    assert_eq!((pages[0].top, pages.last().unwrap().bottom), (0.0, layout.height));
    assert!(
        pages.windows(2).all(|pair| pair[0].bottom == pair[1].top),
        "{pages:?}"
    );
    for (index, page) in pages.iter().enumerate() {
        assert_eq!((page.number, page.count), (index + 1, pages.len()));
        let document = svg_page(&layout, &Style::default(), page);
        let parsed = roxmltree::Document::parse(&document).unwrap();
        let height: f32 = parsed
            .root_element()
            .attribute("height")
            .unwrap()
            .parse()
            .unwrap();
        assert!(height <= 800.5, "{height}");
        let texts: Vec<_> = parsed.descendants().filter_map(|node| node.text()).collect();
        assert!(texts.contains(&"PU 1") && texts.contains(&"PE 1"), "{texts:?}");
    }
    // No label is cut in two.
    for label in layout.labels() {
        let area = label.area.bounds();
        let cut = pages
            .iter()
            .any(|page| area.min.y < page.bottom && page.bottom < area.max.y);
        assert!(!cut, "{label:?}");
    }
    assert_eq!(
        size(&png_page(&layout, &Style::default(), 0.5, &pages[1]).unwrap()).0,
        { size(&png_page(&layout, &Style::default(), 0.5, &pages[0]).unwrap()).0 }
    );
}

#[test]
fn pages_of_any_height_end() {
    let layout = long();
    for height in [f32::NAN, f32::INFINITY, f32::MAX] {
        assert_eq!(pages(&layout, height), [Page::whole(&layout)]);
    }
    for height in [0.0, -1.0, 1.0, f32::NEG_INFINITY] {
        let count = pages(&layout, height).len();
        assert!(count == 1 || count < layout.height as usize, "{count}");
    }
}
