//! Numbers that look random and never differ between two starts: everything in the demo
//! estate that seems accidental comes from here.

/// A stream of numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream that belongs to `name`.
    pub fn of(name: &str) -> Self {
        // FNV-1a: any spread of the name's bytes will do.
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)),
        )
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next number below `limit` (0 when the limit is 0).
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// The next number in hundredths, below `limit` hundredths, as decimal text.
    pub fn hundredths(&mut self, limit: u64) -> String {
        let v = self.below(limit);
        format!("{}.{:02}", v / 100, v % 100)
    }

    /// A number from 0 to 1 that belongs to `at`, without moving the stream.
    pub fn unit_at(&self, at: u64) -> f64 {
        let mut here = Self(self.0 ^ at.wrapping_mul(0xd6e8_feb8_6659_fd93));
        // 53 bits fit a double exactly.
        (here.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
