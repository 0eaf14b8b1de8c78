//! The global allocator: a heap of the DLL's own, so that nothing is left of it when it is unloaded.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::win32::{HEAP_ZERO_MEMORY, HeapAlloc, HeapCreate, HeapDestroy, HeapFree, HeapReAlloc};

/// What HeapAlloc aligns to in a 32-bit process.
const ALIGNMENT: usize = 8;

/// Written while the loader lets nobody else in, read ever after.
static HEAP: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

struct Allocator;

/// Makes the heap. False if the system has none to give.
pub(super) fn create() -> bool {
    // SAFETY: no flags, no limits.
    let heap = unsafe { HeapCreate(0, 0, 0) };
    HEAP.store(heap, Ordering::Relaxed);
    !heap.is_null()
}

/// Gives everything back.
pub(super) fn destroy() {
    // SAFETY: the DLL is being unloaded; nobody uses what it has allocated.
    unsafe { HeapDestroy(heap()) };
}

fn heap() -> *mut c_void {
    HEAP.load(Ordering::Relaxed)
}

// SAFETY: the system's heap serializes its calls; memory of a larger alignment has its block's address right before it.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { allocate(layout, 0) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { allocate(layout, HEAP_ZERO_MEMORY) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        let block = match layout.align() <= ALIGNMENT {
            true => memory.cast::<c_void>(),
            // SAFETY: `allocate` has put it there.
            false => unsafe { memory.cast::<*mut c_void>().sub(1).read() },
        };
        // SAFETY: the block came from this heap.
        unsafe { HeapFree(heap(), 0, block) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            // SAFETY: the block came from this heap.
            return unsafe { HeapReAlloc(heap(), 0, memory.cast(), size) }.cast();
        }
        // SAFETY: the caller has promised a size that makes a layout, and that the old memory is as `layout` says.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(memory, moved, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            moved
        }
    }
}

/// Memory of `layout`; NULL if there is none.
///
/// # Safety
/// As for [`GlobalAlloc::alloc`].
unsafe fn allocate(layout: Layout, flags: u32) -> *mut u8 {
    if layout.align() <= ALIGNMENT {
        // SAFETY: any size may be asked for.
        return unsafe { HeapAlloc(heap(), flags, layout.size()) }.cast();
    }
    let Some(size) = layout.size().checked_add(layout.align()) else { return ptr::null_mut() };
    // SAFETY: any size may be asked for.
    let block = unsafe { HeapAlloc(heap(), flags, size) };
    if block.is_null() {
        return ptr::null_mut();
    }
    // The next aligned address after the block's own: at least `ALIGNMENT` bytes on, which is room for a pointer.
    let skip = layout.align() - block.addr() % layout.align();
    // SAFETY: inside the block, `skip` being at most what it was made larger by.
    unsafe {
        let memory = block.byte_add(skip);
        memory.cast::<*mut c_void>().sub(1).write(block);
        memory.cast()
    }
}
