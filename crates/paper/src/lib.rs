//! What somebody keeps as a file: a few parts, one below the other, on as many pages as they need.
//!
//! Whoever has it read aloud hears a heading as one and a table by its rows (PDF/UA-1, which the library holds the file against).
//! The letters come with the file. What the font has no letter for is shown as a mark.
#![expect(clippy::float_arithmetic, reason = "where something stands on a page is no money")]

use std::num::NonZeroU16;

use base::{Failure, Result};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::Outline;
use krilla::page::PageSettings;
use krilla::tagging::{ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

/// US Letter with its margin, and where a row's second column begins; in points, as everything here.
const WIDE: f32 = 612.0;
const HIGH: f32 = 792.0;
const MARGIN: f32 = 54.0;
const SECOND: f32 = 230.0;

/// A line is so much higher than its letters are large.
const LEADING: f32 = 1.4;

/// What stands where a letter is missing.
const MISSING: char = '\u{FFFD}';

/// One part of a sheet.
#[derive(Clone, Debug)]
pub enum Part {
    /// What the sheet or a part of it is called, from level 1 on.
    Heading(u16, String),
    /// Words.
    Text(String),
    /// What is what, in rows.
    Facts(Vec<(String, String)>),
    /// Rows below the headings of their columns; a cell that a row has not is empty.
    Table(Vec<Column>, Vec<Vec<String>>),
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// What stands above it.
    pub heading: String,
    /// How wide it is, against the others.
    pub weight: u8,
    /// Whether it is of amounts, which stand one below the other at their ends.
    pub is_of_amounts: bool,
}

/// What becomes a file.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What the file is called where it is shown.
    pub title: String,
    /// In which language it is, as `en`.
    pub language: &'static str,
    /// What it says, from the top down.
    pub parts: Vec<Part>,
}

/// The letters of one weight.
struct Face {
    font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
}

impl Face {
    fn of(bytes: &'static [u8]) -> Result<Face> {
        let odd = || Failure::broken("writing a PDF", "the font cannot be read");
        let read = FontRef::new(bytes).map_err(|_| odd())?;
        Ok(Face {
            font: Font::new(bytes.into(), 0).ok_or_else(odd)?,
            letters: read.charmap(),
            widths: read.glyph_metrics(Size::new(1.0), LocationRef::default()),
        })
    }

    /// The text in letters that there are.
    fn known(&self, text: &str) -> String {
        let known = |c: char| match c {
            '\n' => c,
            c if c.is_control() => ' ',
            c if self.letters.map(c).is_some_and(|glyph| glyph.to_u32() != 0) => c,
            _ => MISSING,
        };
        text.chars().map(known).collect()
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let glyphs = text.chars().filter_map(|c| self.letters.map(c));
        glyphs.filter_map(|glyph| self.widths.advance_width(glyph)).sum::<f32>() * size
    }

    /// The text in lines that are no wider than this.
    fn wrapped(&self, text: &str, size: f32, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in self.known(text).lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let with = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&with, size) <= room {
                    line = with;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                // A word that is wider than the page goes on in the next line.
                for letter in word.chars() {
                    if self.width(&line, size) + self.width(letter.encode_utf8(&mut [0; 4]), size) > room {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(letter);
                }
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }
}

/// A text and the room it has, from the left to the right.
struct Cell<'a> {
    text: &'a str,
    from: f32,
    to: f32,
    /// Whether it stands at the right of its room.
    ends: bool,
}

fn cell(text: &str, from: f32, to: f32) -> Cell<'_> {
    Cell { text, from, to, ends: false }
}

/// A line in its place: which piece of text it is of, and with which letters it is written.
struct Line {
    page: usize,
    at: (f32, f32),
    size: f32,
    is_bold: bool,
    text: String,
    piece: usize,
}

/// Puts one text below the other.
struct Layout {
    plain: Face,
    bold: Face,
    lines: Vec<Line>,
    pieces: usize,
    page: usize,
    y: f32,
}

impl Layout {
    /// Makes room for so much, on the next page where there is none on this one.
    fn room_for(&mut self, high: f32) {
        if self.y + high > HIGH - MARGIN && self.y > MARGIN {
            (self.page, self.y) = (self.page + 1, MARGIN);
        }
    }

    /// Texts side by side.
    fn beside(&mut self, cells: &[Cell<'_>], size: f32, is_bold: impl Fn(usize) -> bool) {
        let step = size * LEADING;
        let face = |nth| if is_bold(nth) { &self.bold } else { &self.plain };
        let all: Vec<Vec<(String, f32)>> = cells
            .iter()
            .enumerate()
            .map(|(nth, cell)| {
                let lines = face(nth).wrapped(cell.text, size, cell.to - cell.from);
                let at = |line: &str| match cell.ends {
                    true => cell.to - face(nth).width(line, size),
                    false => cell.from,
                };
                lines.into_iter().map(|line| (line.clone(), at(&line))).collect()
            })
            .collect();
        let most = all.iter().map(Vec::len).max().unwrap_or_default();
        // What fits onto one page is not torn apart.
        let rows = |lines: usize| (0..lines).map(|_| step).sum::<f32>();
        if rows(most) <= HIGH - 2.0 * MARGIN {
            self.room_for(rows(most));
        }
        let first = self.pieces;
        self.pieces += cells.len();
        for row in 0..most {
            self.room_for(step);
            for (nth, lines) in all.iter().enumerate() {
                let Some((text, x)) = lines.get(row).cloned() else { continue };
                let at = (x, self.y + size);
                let line =
                    Line { page: self.page, at, size, is_bold: is_bold(nth), text, piece: first + nth };
                self.lines.push(line);
            }
            self.y += step;
        }
    }

    /// A row of a table, in smaller letters, so that more of it stands side by side.
    fn row(&mut self, columns: &[Column], texts: &[&str], is_head: bool) {
        let whole: f32 = columns.iter().map(|column| f32::from(column.weight)).sum();
        let mut from = MARGIN;
        let mut cells = Vec::with_capacity(columns.len());
        for (nth, column) in columns.iter().enumerate() {
            let next = from + (WIDE - 2.0 * MARGIN) * f32::from(column.weight) / whole.max(1.0);
            let text = texts.get(nth).copied().unwrap_or_default();
            cells.push(Cell { text, from, to: next - 6.0, ends: column.is_of_amounts });
            from = next;
        }
        self.beside(&cells, 8.5, |_| is_head);
        self.y += 3.0;
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Heading(level, text) => {
                let size = if *level == 1 { 20.0 } else { 13.0 };
                self.y += size * 0.6;
                self.beside(&[cell(text, MARGIN, WIDE - MARGIN)], size, |_| true);
                self.y += size * 0.3;
            }
            Part::Text(text) => {
                self.beside(&[cell(text, MARGIN, WIDE - MARGIN)], 10.5, |_| false);
                self.y += 6.0;
            }
            Part::Facts(rows) => {
                for (what, is) in rows {
                    let columns = [cell(what, MARGIN, SECOND - 12.0), cell(is, SECOND, WIDE - MARGIN)];
                    self.beside(&columns, 10.5, |nth| nth == 0);
                    self.y += 4.0;
                }
            }
            Part::Table(columns, rows) => {
                let headings: Vec<&str> = columns.iter().map(|column| column.heading.as_str()).collect();
                self.row(columns, &headings, true);
                for row in rows {
                    let texts: Vec<&str> = row.iter().map(String::as_str).collect();
                    self.row(columns, &texts, false);
                }
            }
        }
    }
}

/// The pieces of a sheet by what they are, in the order in which they were laid out.
fn structure(parts: &[Part], pieces: &[Vec<Identifier>], language: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    let mut next = pieces.iter();
    let mut piece = || {
        let ids = next.next().map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| Node::Leaf(*id)).collect::<Vec<_>>()
    };
    for part in parts {
        match part {
            Part::Heading(level, text) => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                tree.push(TagGroup::with_children(Tag::Hn(level, Some(text.clone())), piece()));
            }
            Part::Text(_) => tree.push(TagGroup::with_children(Tag::P, piece())),
            Part::Facts(rows) => {
                let mut table = TagGroup::new(Tag::Table);
                for _ in rows {
                    let mut row = TagGroup::new(Tag::TR);
                    row.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Row), piece()));
                    row.push(TagGroup::with_children(Tag::TD, piece()));
                    table.push(row);
                }
                tree.push(table);
            }
            Part::Table(columns, rows) => {
                let mut table = TagGroup::new(Tag::Table);
                let mut head = TagGroup::new(Tag::TR);
                for _ in columns {
                    head.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Column), piece()));
                }
                table.push(head);
                for _ in rows {
                    let mut row = TagGroup::new(Tag::TR);
                    for _ in columns {
                        row.push(TagGroup::with_children(Tag::TD, piece()));
                    }
                    table.push(row);
                }
                tree.push(table);
            }
        }
    }
    tree
}

/// The file.
pub fn file(sheet: &Sheet) -> Result<Vec<u8>> {
    let broken = |what: &str| Failure::broken("writing a PDF", what);
    let (plain, bold) = (Face::of(dejavu::sans::regular())?, Face::of(dejavu::sans::bold())?);
    let mut layout = Layout { plain, bold, lines: Vec::new(), pieces: 0, page: 0, y: MARGIN };
    sheet.parts.iter().for_each(|part| layout.part(part));

    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|_| broken("the kind of file"))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut pieces = vec![Vec::new(); layout.pieces];
    let mut lines = layout.lines.iter().peekable();
    for nth in 0..=layout.page {
        let size = PageSettings::from_wh(WIDE, HIGH).ok_or_else(|| broken("the size of a page"))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        while let Some(line) = lines.next_if(|line| line.page == nth) {
            let font = if line.is_bold { &layout.bold.font } else { &layout.plain.font };
            let (x, y) = line.at;
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            let way = TextDirection::Auto;
            // Between two lines of a piece there is a blank, for whoever reads them as one.
            let text = format!("{} ", line.text);
            surface.draw_text(Point::from_xy(x, y), font.clone(), line.size, &text, false, way);
            surface.end_tagged();
            pieces[line.piece].push(id);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(structure(&sheet.parts, &pieces, sheet.language));
    document.set_outline(Outline::new());
    let metadata = Metadata::new().title(sheet.title.clone()).language(sheet.language.to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|e| broken(&format!("{e:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(parts: Vec<Part>) -> Vec<u8> {
        file(&Sheet { title: "A receipt".into(), language: "en", parts }).expect("a file")
    }

    fn fact(what: &str, is: &str) -> (String, String) {
        (what.into(), is.into())
    }

    #[test]
    fn a_file_is_held_against_the_rules_of_those_that_can_be_read_aloud() {
        let facts = vec![fact("Amount", "$23.45"), fact("With", "Visa")];
        let made =
            sheet(vec![Part::Heading(1, "Receipt".into()), Part::Text("Paid".into()), Part::Facts(facts)]);
        assert!(made.starts_with(b"%PDF-1.7"));
        let text = String::from_utf8_lossy(&made);
        for rule in ["pdfuaid", "/StructTreeRoot", "/MarkInfo", "/Lang"] {
            assert!(text.contains(rule), "{rule}");
        }
    }

    #[test]
    fn whatever_is_written_becomes_a_file() {
        for odd in [
            "",
            " ",
            "\u{0}\u{7}\n\r\t",
            "日本語 🦀",
            "مرحبا",
            "\u{202e}evil",
            "e\u{301}",
            "\u{fffe}",
            &"x".repeat(5_000),
        ] {
            sheet(vec![
                Part::Heading(1, "Receipt".into()),
                Part::Text(odd.into()),
                Part::Facts(vec![fact(odd, odd)]),
            ]);
        }
    }

    #[test]
    fn a_table_goes_on_over_its_pages_and_has_headings_whatever_its_rows_lack() {
        let column =
            |heading: &str, weight, is_of_amounts| Column { heading: heading.into(), weight, is_of_amounts };
        let columns = vec![column("Day", 2, false), column("Account", 3, false), column("Amount", 2, true)];
        let row = |nth: usize| vec![format!("2026-11-{nth}"), "x".repeat(nth), "-1,234.05".to_owned()];
        let mut rows: Vec<Vec<String>> = (0..200).map(row).collect();
        rows.extend([Vec::new(), vec!["only".into()]]);
        let text = String::from_utf8_lossy(&sheet(vec![Part::Table(columns, rows)])).into_owned();
        assert!(text.contains("/Table") && text.contains("/Column"), "no heading is one of a column");
        sheet(vec![Part::Table(Vec::new(), Vec::new())]);
    }

    #[test]
    fn what_is_long_goes_on_on_the_next_page_and_no_line_is_too_wide() {
        let face = Face::of(dejavu::sans::regular()).unwrap();
        for line in face.wrapped(&"word ".repeat(400), 10.5, 300.0) {
            assert!(face.width(&line, 10.5) <= 300.0, "{line}");
        }
        let pages = |made: Vec<u8>| {
            String::from_utf8_lossy(&made)
                .matches("/Type/Page/")
                .count()
                .max(String::from_utf8_lossy(&made).matches("/Type /Page\n").count())
        };
        let one = sheet(vec![Part::Heading(1, "A".into()), Part::Text("short".into())]);
        let many = sheet(vec![Part::Heading(1, "A".into()), Part::Text("long words ".repeat(2_000))]);
        assert!(pages(one) < pages(many), "one page is enough for anything");
    }
}
