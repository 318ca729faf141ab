// Where the first switch to a fresh stack arrives, on AArch64. The stack is as in start_x86_64.S.

#if defined(__aarch64__)

        .text
        .globl  stack_start
        .hidden stack_start
        .type   stack_start, %function
        .p2align 4
stack_start:
        .cfi_startproc
        .cfi_undefined x30              // no caller: debuggers and crash reports end here
        hint    #36                     // landing pad for the switch's branch (bti j)
        ldp     x0, x1, [sp], #16
        blr     x1
        brk     #1                      // entry never returns
        .cfi_endproc
        .size   stack_start, . - stack_start

#endif

#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
