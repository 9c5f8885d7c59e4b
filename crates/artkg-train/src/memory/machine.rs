//! What the machine says about memory. Linux only; elsewhere nothing is known.

use std::fs;
use std::path::Path;

/// The bytes that can still be taken without swapping or being killed: what the
/// system has left, or less where a control group bounds the process.
pub(super) fn available_bytes() -> Option<u64> {
    let system = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| kilobytes(&text, "MemAvailable:"));
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group_remainder(Path::new("/sys/fs/cgroup"), &groups);
    system.into_iter().chain(group).min()
}

/// The bytes of this process that are in memory.
pub(super) fn resident_bytes() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The most bytes of this process that have been in memory.
pub(super) fn peak_resident_bytes() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// The value of a line such as `VmRSS:   1234 kB`, in bytes.
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(number * 1024)
}

/// What the tightest of the process's control groups leaves, from their files
/// below `root` and the text of `/proc/self/cgroup`.
fn group_remainder(root: &Path, groups: &str) -> Option<u64> {
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (root, files) = match controllers {
            "" => (root.to_path_buf(), &UNIFIED),
            list if list.split(',').any(|name| name == "memory") => (root.join("memory"), &LEGACY),
            _ => continue,
        };
        // Inside a container the path may be the host's; the group is the root.
        let inside = root.join(path.trim_start_matches('/'));
        let levels = inside
            .ancestors()
            .take_while(|level| level.starts_with(&root));
        for level in levels {
            least = least.into_iter().chain(files.remainder(level)).min();
        }
    }
    least
}

/// The files of a control group.
struct GroupFiles {
    limit: &'static str,
    usage: &'static str,
    /// The line of `memory.stat` with cached files, which give way.
    cached: &'static [&'static str],
}

const UNIFIED: GroupFiles = GroupFiles {
    limit: "memory.max",
    usage: "memory.current",
    cached: &["file "],
};
const LEGACY: GroupFiles = GroupFiles {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cached: &["total_cache ", "cache "],
};

impl GroupFiles {
    /// `None` where the group has no limit.
    fn remainder(&self, folder: &Path) -> Option<u64> {
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        // Without a limit it says `max`, or a number no machine reaches.
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        let usage: u64 = read(self.usage)?.trim().parse().ok()?;
        let statistics = read("memory.stat").unwrap_or_default();
        let cached = self.cached.iter().find_map(|key| {
            let line = statistics.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().parse().ok()
        });
        Some(limit.saturating_sub(usage.saturating_sub(cached.unwrap_or(0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn the_tightest_group_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert_eq!(group_remainder(root, "0::/user/run\n"), None);
        write(
            &root.join("user"),
            &[("memory.max", "5000\n"), ("memory.current", "4500\n")],
        );
        fs::write(root.join("user/memory.stat"), "anon 100\nfile 300\n").unwrap();
        write(
            &root.join("user/run"),
            &[("memory.max", "max\n"), ("memory.current", "9\n")],
        );
        assert_eq!(group_remainder(root, "0::/user/run\n"), Some(800));
        // A container that sees its own group as the root.
        write(
            root,
            &[("memory.max", "700\n"), ("memory.current", "100\n")],
        );
        assert_eq!(group_remainder(root, "0::/user/run\n"), Some(600));
        assert_eq!(group_remainder(root, "0::/not/there\n"), Some(600));
    }

    #[test]
    fn groups_of_the_first_version_count() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("memory/job");
        let files = [
            ("memory.limit_in_bytes", "900"),
            ("memory.usage_in_bytes", "800"),
        ];
        write(&folder, &files);
        fs::write(folder.join("memory.stat"), "cache 20\ntotal_cache 50\n").unwrap();
        let groups = "4:cpu,cpuacct:/job\n3:memory:/job\n";
        assert_eq!(group_remainder(root.path(), groups), Some(150));
    }

    #[test]
    fn lines_of_the_kernel_are_read() {
        let text = "MemFree:  10 kB\nMemAvailable:     2048 kB\n";
        assert_eq!(kilobytes(text, "MemAvailable:"), Some(2 << 20));
        assert_eq!(kilobytes("", "MemAvailable:"), None);
        if cfg!(target_os = "linux") {
            assert!(available_bytes().unwrap() > 0 && resident_bytes().unwrap() > 1 << 20);
        }
    }
}
