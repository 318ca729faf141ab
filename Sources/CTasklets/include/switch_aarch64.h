// The switch for AArch64, AAPCS64. Read switch_x86_64.h first; this one differs in the registers only.
//
// Saved by hand: sp, where to go on, x29 (frame pointer) and x19 (what the compiler finds its frame by when it cannot
// use the other two). x18 is declared to change like the rest: on Linux the compiler may keep values in it. Return
// addresses signed against sp stay valid, since a stack never moves. `hint #36` is a landing pad for the branch (bti j)
// where the processor asks for one.

#if defined(__ARM_FEATURE_SVE)
// The scalable registers reach further than v0–v31.
#define STACK_WIDE_REGISTERS                                                                                           \
    , "z0", "z1", "z2", "z3", "z4", "z5", "z6", "z7", "z8", "z9", "z10", "z11", "z12", "z13", "z14", "z15", "z16",      \
        "z17", "z18", "z19", "z20", "z21", "z22", "z23", "z24", "z25", "z26", "z27", "z28", "z29", "z30", "z31", "p0", \
        "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13", "p14", "p15"
#else
#define STACK_WIDE_REGISTERS
#endif

static inline __attribute__((always_inline)) void stack_switch_registers(stack_context *_Nonnull parked,
                                                                         stack_context *_Nonnull target) {
    register stack_context *from __asm__("x0") = parked;
    register stack_context *to __asm__("x1") = target;
    __asm__ volatile("adr     x2, 1f\n\t"
                     "mov     x3, sp\n\t"
                     "stp     x3, x2, [x0]\n\t"
                     "stp     x29, x19, [x0, #16]\n\t"
                     "ldp     x3, x2, [x1]\n\t"
                     "ldp     x29, x19, [x1, #16]\n\t"
                     "mov     sp, x3\n\t"
                     "br      x2\n"
                     "1:\n\t"
                     "hint    #36"
                     : "+r"(from), "+r"(to)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                       "x16", "x17", "x18", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30",
                       "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
                       "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
                       "v28", "v29", "v30", "v31"
                       STACK_WIDE_REGISTERS, "memory", "cc");
}

#undef STACK_WIDE_REGISTERS
