//! The processor and the instruction sets that libtorch's kernels choose by.

/// Instruction sets and the flags that stand for them in Linux's `/proc/cpuinfo`, on x86-64 and on Arm.
const FEATURES: [(&str, &[&str]); 8] = [
    ("AVX2", &["avx2"]),
    ("AVX512F", &["avx512f"]),
    ("AVX512_VNNI", &["avx512_vnni"]),
    ("AVX512_BF16", &["avx512_bf16"]),
    ("AMX", &["amx_tile", "amx_bf16"]),
    ("NEON", &["asimd"]),
    ("SVE", &["sve"]),
    ("BF16", &["bf16"]),
];

/// The processor that this program runs on.
#[derive(Debug, Clone)]
pub struct Processor {
    /// Its name, or the architecture where the system does not tell it.
    pub model: String,
    /// Who made it, as Linux says on x86-64: `AuthenticAMD`, `GenuineIntel`.
    pub vendor: Option<String>,
    flags: Vec<String>,
}

impl Processor {
    /// From `/proc/cpuinfo`, or on macOS what the standard library detects.
    #[must_use]
    pub fn find() -> Self {
        Self::read(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
    }

    fn read(cpuinfo: &str) -> Self {
        let field = |name: &str| {
            cpuinfo.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                (key.trim() == name).then(|| value.trim().to_owned())
            })
        };
        let flags = field("flags").or_else(|| field("Features"));
        let flags = flags.map(|line| line.split_whitespace().map(str::to_owned).collect());
        Self {
            model: field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            vendor: field("vendor_id"),
            flags: flags.unwrap_or_else(detected),
        }
    }

    /// Which kernels `--compute fast` takes, by the names that a run shows: `avx512`, `avx2` or `plain`, then `amx` or `avx512_bf16` where
    /// products in bfloat16 gain by them, `amx` for those in float32 too. The variables `ATEN_CPU_CAPABILITY` and `ONEDNN_MAX_CPU_ISA`, as
    /// found in the environment, may name fewer instructions than there are.
    #[must_use]
    pub fn kernels(&self, capability: Option<&str>, isa: Option<&str>) -> String {
        let avx2 = self.has(&["avx2", "fma"]) && capability != Some("default");
        let avx512 = self.has(&["avx512f", "avx512bw", "avx512dq", "avx512vl"]);
        match (avx2, avx512 && capability != Some("avx2")) {
            (true, true) => match self.bfloat16_kernels(isa.unwrap_or_default()) {
                Some(kernels) => format!("avx512, {kernels}"),
                None => "avx512".to_owned(),
            },
            (true, false) => "avx2".to_owned(),
            (false, _) => "plain".to_owned(),
        }
    }

    /// As `csrc/kernels/choose.cpp` of `trainer-torch` chooses.
    fn bfloat16_kernels(&self, isa: &str) -> Option<&'static str> {
        let any = isa.is_empty() || isa == "DEFAULT" || isa.contains("AMX");
        let named = isa == "AVX512_CORE_BF16";
        let fast = named || any && self.vendor.as_deref() == Some("AuthenticAMD");
        if any && self.has(&["amx_tile", "amx_bf16", "avx512_bf16"]) {
            Some("amx")
        } else {
            (fast && self.has(&["avx512_bf16"])).then_some("avx512_bf16")
        }
    }

    /// The instruction sets of its architecture that matter here, and whether it has them.
    pub fn instruction_sets(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let arm = std::env::consts::ARCH == "aarch64";
        FEATURES
            .iter()
            .filter(move |(name, _)| ["NEON", "SVE", "BF16"].contains(name) == arm)
            .map(move |(name, wanted)| (*name, self.has(wanted)))
    }

    fn has(&self, wanted: &[&str]) -> bool {
        let mut wanted = wanted.iter();
        wanted.all(|flag| self.flags.iter().any(|found| found == flag))
    }
}

#[cfg(target_arch = "aarch64")]
fn detected() -> Vec<String> {
    let mut found = vec!["asimd".to_owned()];
    if std::arch::is_aarch64_feature_detected!("bf16") {
        found.push("bf16".to_owned());
    }
    found
}

#[cfg(not(target_arch = "aarch64"))]
fn detected() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::Processor;

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn name_maker_and_instruction_sets_are_read() {
        let text = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2 amx_tile\n";
        let found = Processor::read(text);
        assert_eq!(found.model, "AMD EPYC");
        assert_eq!(found.vendor.as_deref(), Some("AuthenticAMD"));
        let has: Vec<_> = found.instruction_sets().filter(|(_, has)| *has).collect();
        // AMX takes two flags.
        assert_eq!(has, [("AVX2", true)]);
    }

    #[test]
    fn kernels_are_chosen_as_libtorch_chooses() {
        let avx2 = "avx2 fma avx512f";
        let avx512 = "avx2 fma avx512f avx512bw avx512dq avx512vl";
        let bfloat16 = "avx2 fma avx512f avx512bw avx512dq avx512vl avx512_bf16";
        let amx = "avx2 fma avx512f avx512bw avx512dq avx512vl avx512_bf16 amx_bf16 amx_tile";
        let (intel, amd) = ("GenuineIntel", "AuthenticAMD");
        for (vendor, flags, capability, isa, expected) in [
            (intel, "fpu", None, None, "plain"),
            (intel, avx2, None, None, "avx2"),
            (intel, avx512, None, None, "avx512"),
            (intel, avx512, Some("avx2"), None, "avx2"),
            (intel, avx512, Some("default"), None, "plain"),
            (intel, avx2, Some("default"), None, "plain"),
            (intel, amx, None, None, "avx512, amx"),
            (intel, amx, Some("avx2"), None, "avx2"),
            (intel, amx, None, Some("AVX512_CORE"), "avx512"),
            (
                intel,
                amx,
                None,
                Some("AVX512_CORE_BF16"),
                "avx512, avx512_bf16",
            ),
            (intel, bfloat16, None, None, "avx512"),
            (amd, bfloat16, None, None, "avx512, avx512_bf16"),
            (amd, bfloat16, None, Some("AVX2"), "avx512"),
        ] {
            let found = Processor::read(&format!("vendor_id\t: {vendor}\nflags\t\t: {flags}\n"));
            let kernels = found.kernels(capability, isa);
            assert_eq!(kernels, expected, "{vendor} {flags} {capability:?} {isa:?}");
        }
    }

    #[test]
    fn what_does_not_tell_is_called_by_its_architecture() {
        let found = Processor::read("");
        assert_eq!(found.model, std::env::consts::ARCH);
        assert_eq!(found.vendor, None);
    }
}
