//! A file as a whole, for those that are small enough: what a bank sends an agency in a morning.

use std::io::{self, Read};

use crate::reader::{Reader, Report};
use crate::statement::{End, FileHead, Group, Head, Line, Piece};
use crate::text::Private;

/// A statement with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it says before its lines.
    pub head: Head,
    /// Its lines.
    pub lines: Vec<Line>,
    /// What the bank says about it that is no movement.
    pub remarks: Vec<Private>,
    /// How it ended.
    pub end: End,
}

/// A file with its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it says of itself.
    pub head: FileHead,
    /// Its groups. BAI2 alone has them.
    pub groups: Vec<Group>,
    /// Its statements in which nothing is wrong, nor in their groups.
    pub statements: Vec<Statement>,
    /// What the others say before their lines, of which none can be believed.
    pub spoiled: Vec<Head>,
}

impl File {
    /// Reads a whole file. Where anything is wrong with the file itself there is none, and the report says what: a file that was
    /// cut off has lost something, and nobody knows what. Where something is wrong with a statement, it is among the spoiled.
    pub fn read(input: impl Read) -> io::Result<(Option<File>, Report)> {
        let mut reader = Reader::new(input);
        let mut head = None;
        let (mut groups, mut statements, mut spoiled) = (Vec::new(), Vec::new(), Vec::new());
        // Statements of a group wait for its end.
        let mut waiting: Vec<Statement> = Vec::new();
        let mut open: Option<(Head, Vec<Line>, Vec<Private>)> = None;
        for piece in reader.by_ref() {
            match (piece?, &mut open) {
                (Piece::File(of_file), _) => head = Some(of_file),
                (Piece::Group(group), _) => groups.push(group),
                (Piece::Statement(head), _) => open = Some((*head, Vec::new(), Vec::new())),
                (Piece::Line(line), Some((_, lines, _))) => lines.push(*line),
                (Piece::Remark(remark), Some((_, _, remarks))) => remarks.push(remark),
                (Piece::End(end), _) => match open.take() {
                    Some((head, lines, remarks)) if end.sound => {
                        waiting.push(Statement { head, lines, remarks, end });
                    }
                    Some((head, _, _)) => spoiled.push(head),
                    None => {}
                },
                (Piece::GroupEnd(true), _) => statements.append(&mut waiting),
                (Piece::GroupEnd(false), _) => {
                    spoiled.extend(waiting.drain(..).map(|statement| statement.head));
                }
                (Piece::Line(_) | Piece::Remark(_), None) => {}
            }
        }
        statements.append(&mut waiting);
        let report = reader.into_report();
        let file = head.filter(|_| report.is_usable()).map(|head| File { head, groups, statements, spoiled });
        Ok((file, report))
    }
}
