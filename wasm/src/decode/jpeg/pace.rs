//! From one MCU of a scan to the next, over restart markers. ITU-T T.81 E.2.4.

use super::bits::Bits;

/// How a scan advances from one MCU to the next, over restart markers.
#[derive(Debug)]
pub(super) struct Pace {
    interval: u32,
    until_restart: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Go,
    /// Predictions begin anew.
    Restarted,
    /// The data of this restart interval has ended too early.
    Lost,
    /// The data has ended.
    End,
}

impl Pace {
    pub(super) fn new(interval: u32) -> Self {
        Self { interval, until_restart: interval }
    }

    #[inline(always)]
    pub(super) fn step(&mut self, bits: &mut Bits<'_>) -> Step {
        let mut step = Step::Go;
        if self.interval > 0 {
            if self.until_restart == 0 {
                if !bits.restart() {
                    return Step::End;
                }
                self.until_restart = self.interval;
                step = Step::Restarted;
            }
            self.until_restart -= 1;
        }
        if bits.exhausted() {
            return if self.interval == 0 { Step::End } else { Step::Lost };
        }
        step
    }

    /// MCUs before the next restart marker.
    pub(super) fn until_restart(&self) -> u32 {
        if self.interval == 0 { u32::MAX } else { self.until_restart }
    }

    /// Goes over MCUs of this restart interval that have nothing in the file.
    pub(super) fn pass(&mut self, units: u32) {
        self.until_restart = self.until_restart.saturating_sub(units);
    }
}
