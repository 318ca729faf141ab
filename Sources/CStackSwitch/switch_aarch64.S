// The switch for AArch64, AAPCS64. Read switch_x86_64.S first; this one differs in the registers only.
//
// Survive a call: x19–x28, x29 (frame pointer), x30 (return address), sp, and the low halves of v8–v15. Swift's
// special registers (x20 self, x21 error, x22 async context) are among them. x18 belongs to the platform: untouched.
//
// A parked stack, and a fresh one that looks as if it were parked:
//
//      higher    parked                        fresh
//                …the caller's frame           0, 0         top - 16, 16-byte aligned
//        +96     d8 … d15                      0
//        +88     x30                           stack_switch_start
//        +80     x29                           0: ends the chain of frame pointers
//        +16     x21 … x28                     0
//        +8      x20                           argument
//        +0      x19    <- *parked             entry        <- what stack_first_frame returns
//      lower
//
// Return addresses signed against sp stay valid, since a stack never moves.

#if defined(__aarch64__)

#if defined(__ARM_FEATURE_BTI_DEFAULT)
#define LANDING_CALL bti c
#define LANDING_JUMP bti jc
#else
#define LANDING_CALL
#define LANDING_JUMP
#endif

#define SAVED 160

        .text

// void stack_switch(void **parked /* x0 */, void *target /* x1 */)
        .globl  stack_switch
        .hidden stack_switch
        .type   stack_switch, %function
        .p2align 4
stack_switch:
        .cfi_startproc
        LANDING_CALL
        sub     sp, sp, #SAVED
        .cfi_def_cfa_offset SAVED
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        .cfi_offset x19, -160
        .cfi_offset x20, -152
        .cfi_offset x21, -144
        .cfi_offset x22, -136
        .cfi_offset x23, -128
        .cfi_offset x24, -120
        .cfi_offset x25, -112
        .cfi_offset x26, -104
        .cfi_offset x27, -96
        .cfi_offset x28, -88
        .cfi_offset x29, -80
        .cfi_offset x30, -72
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #SAVED
        .cfi_def_cfa_offset 0
        // x16: a branch through it may land on any landing pad. Not ret: see switch_x86_64.S.
        mov     x16, x30
        br      x16
        .cfi_endproc
        .size   stack_switch, . - stack_switch

// Where the first switch to a fresh stack arrives: x19 is the entry, x20 its argument.
        .type   stack_switch_start, %function
        .p2align 4
stack_switch_start:
        .cfi_startproc
        .cfi_undefined x30
        LANDING_JUMP
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   stack_switch_start, . - stack_switch_start

// void *stack_first_frame(void *top /* x0 */, void (*entry)(void *) /* x1 */, void *argument /* x2 */)
        .globl  stack_first_frame
        .hidden stack_first_frame
        .type   stack_first_frame, %function
        .p2align 4
stack_first_frame:
        .cfi_startproc
        LANDING_CALL
        and     x0, x0, #-16
        stp     xzr, xzr, [x0, #-16]!
        sub     x0, x0, #SAVED
        stp     x1, x2, [x0, #0]
        stp     xzr, xzr, [x0, #16]
        stp     xzr, xzr, [x0, #32]
        stp     xzr, xzr, [x0, #48]
        stp     xzr, xzr, [x0, #64]
        adr     x9, stack_switch_start
        stp     xzr, x9, [x0, #80]
        stp     xzr, xzr, [x0, #96]
        stp     xzr, xzr, [x0, #112]
        stp     xzr, xzr, [x0, #128]
        stp     xzr, xzr, [x0, #144]
        ret
        .cfi_endproc
        .size   stack_first_frame, . - stack_first_frame

#if defined(__ARM_FEATURE_BTI_DEFAULT)
// Tells the loader that every indirect branch target here has a landing pad.
        .section .note.gnu.property, "a"
        .p2align 3
        .word   4, 16, 5
        .asciz  "GNU"
        .word   0xc0000000, 4, 1, 0
#endif

#endif

#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
