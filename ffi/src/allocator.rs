//! Memory is wiped when it is given back, whatever was in it: a password in a request that was sent, a token in a reply
//! that was read, in buffers of libraries that know of no secrets.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

struct Wiping;

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: the system's allocator; what is written is still the caller's. Memory that is to grow moves, by the default.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise: it is this large, and nobody else's.
        unsafe {
            memory.write_bytes(0, layout.size());
            // Nobody reads it before it is gone, which the compiler must not know.
            System.dealloc(black_box(memory), layout);
        }
    }
}
