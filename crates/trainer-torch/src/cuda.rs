//! CUDA, found when the program runs.
//!
//! A program is linked to libtorch's CPU library only. If the CUDA library of the same libtorch lies beside it,
//! [`load`] opens it, which registers the CUDA kernels and hooks; one program serves machines with and without a GPU.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tch::Device;

use crate::ffi::{self, check, owned_text};
use crate::{Error, Result};

/// What [`load`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loaded {
    /// The CUDA library is open. Whether there is a device is another question: [`is_available`].
    Loaded(PathBuf),
    /// There is no CUDA library beside libtorch's CPU library.
    Absent,
    /// There is one, and it cannot be opened; the message says why, often which library it misses.
    Failed(String),
}

/// Opens libtorch's CUDA library if it lies beside the CPU library that this process uses. Only the first call does
/// anything.
///
/// libtorch looks for CUDA once, when a generator is seeded or a device asked for, and never again. Whatever of this
/// project does that, calls this before. A program that calls `tch::manual_seed` or `tch::Cuda` itself calls this first.
///
/// ```
/// use trainer_torch::cuda::{self, Loaded};
///
/// match cuda::load() {
///     Loaded::Loaded(library) => println!("CUDA from {}", library.display()),
///     Loaded::Failed(message) => eprintln!("CUDA cannot be used: {message}"),
///     _ => println!("CPU only"),
/// }
/// ```
pub fn load() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| match library_folder() {
        Some(folder) => open_beside(&folder),
        None => Loaded::Failed("the libtorch that this process uses was not found".to_owned()),
    })
}

/// Whether CUDA is loaded and has at least one device.
///
/// # Errors
/// CUDA's, when the driver fails.
pub fn is_available() -> Result<bool> {
    Ok(device_count()? > 0)
}

/// Number of CUDA devices that libtorch sees; 0 without CUDA.
///
/// # Errors
/// CUDA's, when the driver fails.
pub fn device_count() -> Result<usize> {
    load();
    let (mut has_cuda, mut count) = (false, 0);
    // SAFETY: writes a boolean and a number.
    check("getNumGPUs", unsafe {
        ffi::trainer_torch_cuda_status(&raw mut has_cuda, &raw mut count)
    })?;
    Ok(if has_cuda {
        usize::try_from(count).unwrap_or(0)
    } else {
        0
    })
}

/// The first CUDA device, or the CPU where there is none.
///
/// # Errors
/// CUDA's, when the driver fails.
pub fn device_if_available() -> Result<Device> {
    Ok(if is_available()? {
        Device::Cuda(0)
    } else {
        Device::Cpu
    })
}

/// Versions of CUDA, cuDNN and others that libtorch uses, several lines.
///
/// # Errors
/// When CUDA is not loaded.
pub fn config() -> Result<String> {
    load();
    let mut text = std::ptr::null_mut();
    // SAFETY: writes one text, which `owned_text` releases.
    check("showConfig", unsafe {
        ffi::trainer_torch_cuda_config(&raw mut text)
    })?;
    Ok(owned_text(text))
}

/// Lets products and convolutions of float32 round their inputs to 10 bits (TF32), which GPUs since Ampere are several times
/// as fast at, or forbids it: `torch.backends.fp32_precision`, for the whole process. Where it was never called PyTorch's
/// defaults hold: products are exact, convolutions are not.
///
/// # Errors
/// None in practice.
pub fn allow_tf32(allow: bool) -> Result<()> {
    // SAFETY: takes a flag only.
    check("setFloat32Precision", unsafe {
        ffi::trainer_torch_cuda_allow_tf32(allow)
    })
}

/// A CUDA device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Its name, such as `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// Its memory, in bytes.
    pub total_memory: u64,
    /// Its compute capability, such as `(9, 0)`; bfloat16 is fast from `(8, 0)`.
    pub capability: (u32, u32),
}

/// The devices that libtorch sees, in its order; empty without CUDA. Asked of NVIDIA's driver.
///
/// # Errors
/// When the driver cannot be asked.
pub fn devices() -> Result<Vec<DeviceInfo>> {
    let count = device_count()?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let driver = Driver::open().ok_or_else(|| driver_error("libcuda cannot be opened"))?;
    (0..count).map(|index| driver.device(index)).collect()
}

/// Bytes of a device's memory that are in use, by this process and others: of the first CUDA device, after this thread has computed
/// on it. libtorch keeps what it has once taken, so this is also the most that it has taken.
///
/// # Errors
/// When this thread has not computed on a CUDA device, or the driver cannot be asked.
pub fn memory_in_use() -> Result<u64> {
    let driver = Driver::open().ok_or_else(|| driver_error("libcuda cannot be opened"))?;
    let (mut free, mut total) = (0, 0);
    // SAFETY: writes two numbers, or gives an error where the thread has no device.
    match unsafe { (driver.memory_info)(&raw mut free, &raw mut total) } {
        0 => Ok(total.saturating_sub(free) as u64),
        status => Err(driver_error(&format!("cuMemGetInfo: error {status}"))),
    }
}

/// The folder of the libtorch that this process uses, such as `…/libtorch/lib`.
#[must_use]
pub fn library_folder() -> Option<PathBuf> {
    folder_of_symbol(c"_ZN2at13globalContextEv")
}

const LIBRARY: &str = "libtorch_cuda.so";

fn open_beside(folder: &Path) -> Loaded {
    let library = folder.join(LIBRARY);
    if !library.exists() {
        return Loaded::Absent;
    }
    match open(&library) {
        Ok(()) => Loaded::Loaded(library),
        Err(message) => Loaded::Failed(message),
    }
}

#[cfg(unix)]
fn open(library: &Path) -> Result<(), String> {
    use std::os::unix::ffi::OsStrExt;

    let path = CString::new(library.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: opening runs the library's initialisers, which is what is wanted; it stays open. `dlerror` gives text.
    unsafe {
        if libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL).is_null() {
            let reason = libc::dlerror();
            return Err(match reason.is_null() {
                true => format!("{} cannot be opened", library.display()),
                false => CStr::from_ptr(reason).to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn open(library: &Path) -> Result<(), String> {
    Err(format!(
        "{}: libraries are opened at run time on Unix only",
        library.display()
    ))
}

#[cfg(unix)]
fn folder_of_symbol(symbol: &CStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: `dlsym` and `dladdr` read null-terminated text; the name that comes back lives as long as the library.
    let name = unsafe {
        let address = libc::dlsym(libc::RTLD_DEFAULT, symbol.as_ptr());
        let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        if address.is_null() || libc::dladdr(address, found.as_mut_ptr()) == 0 {
            return None;
        }
        let found = found.assume_init();
        if found.dli_fname.is_null() {
            return None;
        }
        std::ffi::OsStr::from_bytes(CStr::from_ptr(found.dli_fname).to_bytes()).to_owned()
    };
    let file = Path::new(&name);
    Some(
        file.canonicalize()
            .unwrap_or_else(|_| file.to_owned())
            .parent()?
            .to_owned(),
    )
}

#[cfg(not(unix))]
fn folder_of_symbol(_symbol: &CStr) -> Option<PathBuf> {
    None
}

type DeviceNumber = c_int;

/// The few functions of NVIDIA's driver that describe a device; their ABI has been the same since CUDA 3.2.
struct Driver {
    device_get: unsafe extern "C" fn(*mut DeviceNumber, c_int) -> c_int,
    name: unsafe extern "C" fn(*mut c_char, c_int, DeviceNumber) -> c_int,
    total_memory: unsafe extern "C" fn(*mut usize, DeviceNumber) -> c_int,
    attribute: unsafe extern "C" fn(*mut c_int, c_int, DeviceNumber) -> c_int,
    memory_info: unsafe extern "C" fn(*mut usize, *mut usize) -> c_int,
}

const CAPABILITY_MAJOR: c_int = 75;
const CAPABILITY_MINOR: c_int = 76;

impl Driver {
    #[cfg(unix)]
    fn open() -> Option<Self> {
        // SAFETY: the types are those of cuda.h, and each pointer is checked before it is taken for a function.
        unsafe {
            let library = libc::dlopen(c"libcuda.so.1".as_ptr(), libc::RTLD_NOW);
            if library.is_null() {
                return None;
            }
            let symbol = |name: &CStr| -> Option<*mut c_void> {
                let address = libc::dlsym(library, name.as_ptr());
                (!address.is_null()).then_some(address)
            };
            let init: unsafe extern "C" fn(u32) -> c_int = std::mem::transmute(symbol(c"cuInit")?);
            let driver = Self {
                device_get: std::mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut c_int, c_int) -> c_int,
                >(symbol(c"cuDeviceGet")?),
                name: std::mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int,
                >(symbol(c"cuDeviceGetName")?),
                total_memory: std::mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut usize, c_int) -> c_int,
                >(symbol(c"cuDeviceTotalMem_v2")?),
                attribute: std::mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut c_int, c_int, c_int) -> c_int,
                >(symbol(c"cuDeviceGetAttribute")?),
                memory_info: std::mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut usize, *mut usize) -> c_int,
                >(symbol(c"cuMemGetInfo_v2")?),
            };
            (init(0) == 0).then_some(driver)
        }
    }

    #[cfg(not(unix))]
    fn open() -> Option<Self> {
        None
    }

    fn device(&self, index: usize) -> Result<DeviceInfo> {
        let ordinal = c_int::try_from(index).map_err(|error| driver_error(&error.to_string()))?;
        let (mut device, mut bytes, mut major, mut minor) = (0, 0, 0, 0);
        let mut name = [0; 256];
        // SAFETY: each call writes one value; the name is at most 255 characters and a null.
        let (statuses, name) = unsafe {
            let statuses = [
                (self.device_get)(&raw mut device, ordinal),
                (self.name)(name.as_mut_ptr(), 255, device),
                (self.total_memory)(&raw mut bytes, device),
                (self.attribute)(&raw mut major, CAPABILITY_MAJOR, device),
                (self.attribute)(&raw mut minor, CAPABILITY_MINOR, device),
            ];
            (
                statuses,
                CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned(),
            )
        };
        if let Some(status) = statuses.into_iter().find(|&status| status != 0) {
            return Err(driver_error(&format!("device {index}: error {status}")));
        }
        let part = |number| u32::try_from(number).unwrap_or(0);
        Ok(DeviceInfo {
            name,
            total_memory: bytes as u64,
            capability: (part(major), part(minor)),
        })
    }
}

fn driver_error(message: &str) -> Error {
    Error::Libtorch {
        function: "NVIDIA's driver",
        message: message.to_owned(),
    }
}
