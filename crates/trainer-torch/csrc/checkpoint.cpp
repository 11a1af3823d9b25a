// Activation checkpointing: torch.utils.checkpoint with use_reentrant=True, for a function of the caller's.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>
#include <stdexcept>

#include "guard.h"
#include "tensors.h"

namespace trainer_torch {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Writes an owned tensor, or gives a message to be freed.
using Call = char* (*)(const void* function, const at::Tensor* const* inputs, at::Tensor** output);
using Release = void (*)(void* function);

struct Autocast {
  c10::DeviceType device;
  bool enabled;
  at::ScalarType dtype;

  static Autocast of(c10::DeviceType device) {
    return {device, at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
  }

  void set() const {
    at::autocast::set_autocast_enabled(device, enabled);
    at::autocast::set_autocast_dtype(device, dtype);
  }
};

// A function, and what it must find when it is called again: the states of random number generators, and autocast.
class Recomputation : public torch::CustomClassHolder {
 public:
  Recomputation(std::unique_ptr<void, Release> function, Call call, c10::Device device)
      : function_(std::move(function)), call_(call), generators_{at::detail::getDefaultCPUGenerator()},
        autocast_(Autocast::of(device.type())) {
    if (device.is_cuda()) {
      generators_.push_back(at::globalContext().defaultGenerator(device));
    }
    states_ = states();
  }

  at::Tensor operator()(const variable_list& inputs) const {
    std::vector<const at::Tensor*> pointers;
    for (const at::Tensor& input : inputs) {
      pointers.push_back(&input);
    }
    at::Tensor* output = nullptr;
    const std::unique_ptr<char, decltype(&std::free)> message(call_(function_.get(), pointers.data(), &output), &std::free);
    if (message != nullptr) {
      throw std::runtime_error(message.get());
    }
    const std::unique_ptr<at::Tensor> owned(output);
    return *owned;
  }

  at::Tensor again(const variable_list& inputs) {
    const std::vector<at::Tensor> now = states();
    const Autocast before = Autocast::of(autocast_.device);
    const auto restore = [&] {
      set_states(now);
      if (at::autocast::decrement_nesting() == 0) {
        at::autocast::clear_cache();
      }
      before.set();
    };
    set_states(states_);
    at::autocast::increment_nesting();
    autocast_.set();
    try {
      at::AutoGradMode with_grad(true);
      at::Tensor output = (*this)(inputs);
      restore();
      return output;
    } catch (...) {
      restore();
      throw;
    }
  }

 private:
  std::vector<at::Tensor> states() {
    std::vector<at::Tensor> all;
    for (at::Generator& generator : generators_) {
      const std::lock_guard<std::mutex> lock(generator.mutex());
      all.push_back(generator.get_state());
    }
    return all;
  }

  void set_states(const std::vector<at::Tensor>& states) {
    for (size_t index = 0; index < states.size(); ++index) {
      const std::lock_guard<std::mutex> lock(generators_[index].mutex());
      generators_[index].set_state(states[index]);
    }
  }

  std::unique_ptr<void, Release> function_;
  Call call_;
  std::vector<at::Generator> generators_;
  std::vector<at::Tensor> states_;
  Autocast autocast_;
};

class Checkpoint : public torch::autograd::Function<Checkpoint> {
 public:
  static at::Tensor forward(
      AutogradContext* context, at::TensorList inputs, const c10::intrusive_ptr<Recomputation>& recomputation) {
    context->save_for_backward(variable_list(inputs.begin(), inputs.end()));
    context->saved_data["recomputation"] = c10::IValue::make_capsule(recomputation);
    return (*recomputation)(variable_list(inputs.begin(), inputs.end()));
  }

  // The weights of the function get their gradients by the backward pass in here.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    variable_list inputs, leaves;
    for (const at::Tensor& saved : context->get_saved_variables()) {
      at::AutoGradMode with_grad(true);
      leaves.push_back(saved.detach().set_requires_grad(saved.requires_grad()));
      // Autocast would keep the cast of a leaf, and add up in 16 bits the gradients of all that read it.
      inputs.push_back(leaves.back().view_as(leaves.back()));
    }
    const auto capsule = context->saved_data["recomputation"].toCapsule();
    const at::Tensor output = static_cast<Recomputation*>(capsule.get())->again(inputs);
    torch::autograd::backward({output}, {gradients[0]});
    variable_list result;
    for (const at::Tensor& leaf : leaves) {
      result.push_back(leaf.grad());
    }
    result.emplace_back();
    return result;
  }
};

} // namespace
} // namespace trainer_torch

extern "C" {

// Takes `function`, which `release` frees, also where it fails.
char* trainer_torch_checkpoint(const at::Tensor* const* inputs, size_t count, void* function, trainer_torch::Call call,
    trainer_torch::Release release, at::Tensor** output) {
  return trainer_torch::guarded([&] {
    std::unique_ptr<void, trainer_torch::Release> owned(function, release);
    const auto all = trainer_torch::tensors(inputs, count);
    const auto recomputation =
        c10::make_intrusive<trainer_torch::Recomputation>(std::move(owned), call, all.at(0).device());
    *output = new at::Tensor(trainer_torch::Checkpoint::apply(at::TensorList(all), recomputation));
  });
}

} // extern "C"
