//! Counts the allocations of the current thread, and times two things in turns.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

pub struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// An allocator can only be written with `unsafe`; these forward to the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Allocations and reallocations of this thread so far.
pub fn so_far() -> u64 {
    COUNT.get()
}

/// Allocations and reallocations of this thread while `run` runs.
pub fn allocations(run: impl FnOnce()) -> u64 {
    let before = so_far();
    run();
    so_far() - before
}

/// The median time of one `a` and of one `b`, measured in turns so that a busy machine slows both alike.
pub fn in_turns(mut a: impl FnMut(), mut b: impl FnMut()) -> (Duration, Duration) {
    const ROUNDS: usize = 101;
    let each = repetitions(&mut b);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        first.push(time(&mut a, each));
        second.push(time(&mut b, each));
    }
    first.sort();
    second.sort();
    (first[ROUNDS / 2], second[ROUNDS / 2])
}

/// How often `run` fits into two milliseconds.
fn repetitions(run: &mut impl FnMut()) -> u32 {
    let mut each = 1;
    while time(run, each) * each < Duration::from_millis(2) {
        each *= 2;
    }
    each
}

fn time(run: &mut impl FnMut(), each: u32) -> Duration {
    let start = Instant::now();
    (0..each).for_each(|_| run());
    start.elapsed() / each
}
