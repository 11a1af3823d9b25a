#pragma once

#include <cstdlib>
#include <cstring>
#include <exception>

#include <c10/util/Exception.h>

// Every function of the shim returns null, or a message that `trainer_torch_free` releases: no exception leaves C++.
namespace trainer_torch {

inline char* message(const char* text) noexcept {
  char* copy = ::strdup(text);
  return copy != nullptr ? copy : ::strdup("");
}

template <typename Body>
char* guarded(Body&& body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const c10::Error& error) {
    return message(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return message(error.what());
  } catch (...) {
    return message("an exception of unknown type");
  }
}

} // namespace trainer_torch
