//! The time of an environment that has its own.

use base::Ts;

/// A sandbox's own time: it stands, or goes on from an instant beside the world's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTime {
    /// Where it stands, or began to go on.
    pub stands_at: Ts,
    /// Since when it goes on, by the world's clock.
    pub runs_since: Option<Ts>,
}

impl OwnTime {
    /// The instant it is there, where it is `wall` in the world.
    pub fn at(self, wall: Ts) -> Ts {
        match self.runs_since {
            Some(since) => self.stands_at.plus(wall.since(since)),
            None => self.stands_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_or_goes_on_beside_the_world_s() {
        let at = |second: i64| Ts::from_micros(second * 1_000_000);
        let stands = OwnTime { stands_at: at(900), runs_since: None };
        assert_eq!(stands.at(at(50)), at(900));
        assert_eq!(OwnTime { runs_since: Some(at(40)), ..stands }.at(at(50)), at(910));
    }
}
