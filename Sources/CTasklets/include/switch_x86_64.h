// The switch for x86-64, System V calling convention.
//
// It is inlined into the operation that parks, and so into the tasklet's own function, for two reasons. A call would
// need a return on the other stack, and the processor predicts every return to go where the last call came from: on
// the stack just left. And the compiler knows which registers are live here and saves just those.
//
// A parked tasklet is four words (`stack_context`); the rest is on its stack, put there by the compiler:
//
//      higher   …frames of the callers, up to stack_start
//               the parking function's frame: its saved registers, its locals
//      rsp ->   (nothing of ours: the compiler may use the 128 bytes below rsp, so nothing is pushed)
//      lower
//
// Saved here by hand: rsp, where to go on, rbp and rbx. The last two may be what the compiler finds its frame by, so
// it cannot be told that they change. Everything else is declared to change, the x87 registers too: a Float80 may live
// there. The floating-point control words (rounding, traps) belong to the thread, not to the tasklet, although the calling
// convention counts them among what a call preserves: even looking at them costs as much as the whole switch.

#if defined(__AVX512F__)
#define STACK_WIDE_REGISTERS                                                                                           \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",      \
        "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define STACK_WIDE_REGISTERS
#endif

static inline __attribute__((always_inline)) void stack_switch_registers(stack_context *_Nonnull parked,
                                                                         stack_context *_Nonnull target) {
    __asm__ volatile("leaq    1f(%%rip), %%rax\n\t"
                     "movq    %%rsp, 0(%0)\n\t"
                     "movq    %%rax, 8(%0)\n\t"
                     "movq    %%rbp, 16(%0)\n\t"
                     "movq    %%rbx, 24(%0)\n\t"
                     "movq    24(%1), %%rbx\n\t"
                     "movq    16(%1), %%rbp\n\t"
                     "movq    0(%1), %%rsp\n\t"
                     "jmpq    *8(%1)\n"
                     "1:"
                     : "+D"(parked), "+S"(target)
                     :
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
                       "xmm13", "xmm14", "xmm15" STACK_WIDE_REGISTERS, "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)",
                       "st(6)", "st(7)", "memory", "cc");
}

#undef STACK_WIDE_REGISTERS
