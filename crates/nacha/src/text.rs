//! Text in a field: printable ASCII, set to the left, filled with blanks. Source: Nacha Operating Rules, Appendix
//! Three, Subpart 3.1 (alphameric fields).

use std::fmt;

/// Why a text cannot be put into a field. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRefused {
    /// It has more characters than the field.
    TooLong {
        /// How many it has.
        characters: usize,
        /// How many the field has.
        width: usize,
    },
    /// This character cannot be written in ASCII.
    Character(char),
}

impl fmt::Display for TextRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextRefused::TooLong { characters, width } => {
                write!(f, "has {characters} characters and at most {width} fit: shorten it")
            }
            TextRefused::Character(c) => {
                write!(
                    f,
                    "has the character U+{:04X}, which the format cannot say: spell it in ASCII",
                    u32::from(*c)
                )
            }
        }
    }
}

impl std::error::Error for TextRefused {}

/// Text in a field of `N` columns. It is printable ASCII; blanks at its end are the filling.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    /// Nothing but blanks.
    pub const BLANK: Text<N> = Text([b' '; N]);

    /// This text as it is, where it is printable ASCII and fits.
    pub fn new(text: &str) -> Result<Text<N>, TextRefused> {
        if let Some(c) = text.chars().find(|c| !matches!(c, ' '..='~')) {
            return Err(TextRefused::Character(c));
        }
        Text::filled(text)
    }

    /// This text spelled in ASCII, where that is known and fits.
    pub fn spelled(text: &str) -> Result<Text<N>, TextRefused> {
        Text::filled(&spell(text)?)
    }

    /// This text spelled in ASCII, and cut to the field: what banks expect of long names.
    pub fn cut(text: &str) -> Result<Text<N>, TextRefused> {
        let spelled = spell(text)?;
        Text::filled(spelled.get(..N).unwrap_or(&spelled))
    }

    fn filled(ascii: &str) -> Result<Text<N>, TextRefused> {
        let mut bytes = [b' '; N];
        let Some(head) = bytes.get_mut(..ascii.len()) else {
            return Err(TextRefused::TooLong { characters: ascii.len(), width: N });
        };
        head.copy_from_slice(ascii.as_bytes());
        Ok(Text(bytes))
    }

    /// The columns as they were read. What is not printable became `?`, and a fault beside it.
    pub(crate) fn from_columns(columns: &[u8]) -> Text<N> {
        let mut bytes = [b' '; N];
        for (byte, column) in bytes.iter_mut().zip(columns) {
            *byte = if is_printable(*column) { *column } else { b'?' };
        }
        Text(bytes)
    }

    /// The text without its filling.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().rposition(|b| *b != b' ').map_or(0, |last| last + 1);
        str::from_utf8(self.0.get(..end).unwrap_or_default()).unwrap_or_default()
    }

    /// All columns, with the filling.
    pub fn columns(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether there are only blanks.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|b| *b == b' ')
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Text about a person: an account number, a name, an id, whatever an originator wrote about a payment. It is not
/// printed; whoever wants to see it says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Private<const N: usize>(Text<N>);

impl<const N: usize> Private<N> {
    /// Nothing but blanks.
    pub const BLANK: Private<N> = Private(Text::BLANK);

    /// Keeps this text from being printed.
    pub fn new(text: Text<N>) -> Private<N> {
        Private(text)
    }

    /// The text itself. What it is given to must not log it.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// All columns, with the filling.
    pub fn reveal_columns(&self) -> &[u8; N] {
        self.0.columns()
    }

    /// Stars and the last four characters; stars alone where that would show half of it.
    pub fn last_four(&self) -> String {
        let text = self.reveal().trim_start();
        match text.len().checked_sub(4).and_then(|from| text.get(from..)) {
            Some(end) if text.len() > 8 => format!("****{end}"),
            _ if text.is_empty() => String::new(),
            _ => "****".into(),
        }
    }

    /// Whether there are only blanks.
    pub fn is_blank(&self) -> bool {
        self.0.is_blank()
    }
}

impl<const N: usize> fmt::Debug for Private<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_blank() { "(blank)" } else { "(private)" })
    }
}

pub(crate) fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// A text in ASCII: letters lose their marks, typographic signs become the plain ones.
pub fn spell(text: &str) -> Result<String, TextRefused> {
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => ascii.push(c),
            // A letter may be written as itself and the mark that goes on it.
            '\u{300}'..='\u{36f}' => {}
            other => ascii.push_str(plain(other).ok_or(TextRefused::Character(other))?),
        }
    }
    Ok(ascii)
}

/// How a letter with a mark, or a typographic sign, is written without.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' => "A",
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Į' | 'İ' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'į' | 'ı' => "i",
        'Ķ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ŕ' | 'Ř' => "R",
        'ŕ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ẞ' => "SS",
        'Þ' => "TH",
        'þ' => "th",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'ţ' | 'ť' | 'ț' => "t",
        'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ũ' | 'Ū' | 'Ů' | 'Ű' | 'Ų' | 'Ơ' | 'Ư' => "U",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ů' | 'ű' | 'ų' | 'ơ' | 'ư' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '‘' | '’' | '‚' | 'ʼ' | '´' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '…' => "...",
        '\u{a0}' | '\u{202f}' | '\u{2009}' => " ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_in_ascii_or_refused_with_the_character() {
        for (name, spelled) in [
            ("Siobhán O’Kelly", "Siobhan O'Kelly"),
            ("Núñez–García", "Nunez-Garcia"),
            ("Łukasz Groß", "Lukasz Gross"),
            ("Zoe\u{308}", "Zoe"),
            ("plain", "plain"),
        ] {
            assert_eq!(Text::<22>::spelled(name).unwrap().as_str(), spelled);
        }
        let refused = Text::<22>::spelled("李小龙").unwrap_err();
        assert_eq!(refused, TextRefused::Character('李'));
        assert!(refused.to_string().contains("U+674E"));
        assert_eq!(Text::<22>::new("a\tb"), Err(TextRefused::Character('\t')));
    }

    #[test]
    fn a_long_text_is_refused_unless_it_may_be_cut() {
        assert_eq!(Text::<4>::new("12345"), Err(TextRefused::TooLong { characters: 5, width: 4 }));
        assert_eq!(Text::<4>::cut("12345").unwrap().as_str(), "1234");
        assert_eq!(Text::<4>::cut("ßß345").unwrap().as_str(), "ssss");
        assert_eq!(Text::<4>::new(" 12").unwrap().columns(), b" 12 ", "blanks in front are text");
    }

    #[test]
    fn private_text_is_not_printed() {
        let account = Private::new(Text::<17>::new("744-5678-99").unwrap());
        assert_eq!(format!("{account:?}"), "(private)");
        assert_eq!(account.last_four(), "****8-99");
        assert_eq!(Private::new(Text::<17>::new("12345678").unwrap()).last_four(), "****");
        assert_eq!(Private::<17>::BLANK.last_four(), "");
    }
}
