/// Makes the process keep freed memory for its next allocations instead of
/// handing it back to the system, and tells whether the system's allocator can.
///
/// Every step of training allocates the same large tensors again. By default
/// glibc returns such blocks at once, and each comes back as fresh pages that
/// fault and are cleared one by one: a quarter of the time of a ResNet-50
/// training step. Call it once, first thing in `main`; the process then stays as
/// large as its largest step.
pub fn keep_freed_memory() -> bool {
    set_options()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set_options() -> bool {
    use std::ffi::c_int;

    // From glibc's malloc.h.
    const TRIM_THRESHOLD: c_int = -1;
    const TOP_PADDING: c_int = -2;
    const MAPPED_BLOCKS: c_int = -4;
    const ARENAS: c_int = -8;
    unsafe extern "C" {
        fn mallopt(option: c_int, value: c_int) -> c_int;
    }
    [
        (TRIM_THRESHOLD, c_int::MAX),
        (TOP_PADDING, 64 << 20),
        (MAPPED_BLOCKS, 0),
        // Arenas other than the first cannot keep blocks above 64 MiB.
        (ARENAS, 1),
    ]
    .into_iter()
    // SAFETY: `mallopt` has this signature in glibc, may be called at any time,
    // and only changes how later allocations are served.
    .all(|(option, value)| unsafe { mallopt(option, value) } == 1)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn set_options() -> bool {
    false
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// Page faults of this process so far.
    fn faults() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/stat").ok()?;
        // Field 10; the command's name before it ends with a parenthesis.
        let fields = status.rsplit(')').next()?;
        fields.split_whitespace().nth(7)?.parse().ok()
    }

    /// The faults of allocating, filling and freeing 100 MiB four times more.
    fn faults_of_reuse() -> Option<u64> {
        let touch = || drop(std::hint::black_box(vec![1_u8; 100 << 20]));
        touch();
        let before = faults()?;
        (0..4).for_each(|_| touch());
        Some(faults()? - before)
    }

    #[test]
    #[ignore = "needs a process of its own: the next test runs it in one"]
    fn in_a_process_of_its_own() {
        assert!(keep_freed_memory());
        // This thread has its arena already, as no thread does in `main`.
        let faults = std::thread::spawn(faults_of_reuse).join().unwrap().unwrap();
        // Fresh pages would fault 25,600 times each round.
        assert!(faults < 1000, "{faults} faults");
    }

    #[test]
    fn freed_blocks_come_back_without_faults() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["in_a_process_of_its_own", "--ignored", "--test-threads=1"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    }
}
