// The switch for x86-64, System V calling convention.
//
// What survives a call by convention, and so must survive a switch: rbx, rbp, r12–r15 and rsp. Swift's own special
// registers (r13 self, r12 error, r14 async context) are among them. The floating-point control words belong to
// the thread, not to the tasklet: saving them costs as much as the whole switch, and Swift cannot change them.
//
// A parked stack, and a fresh one that looks as if it were parked:
//
//      higher    parked                        fresh
//                …the caller's frame           0            top - 8
//                                              0            top - 16, 16-byte aligned
//        +48     return address                stack_switch_start
//        +40     rbp                           0: ends the chain of frame pointers
//        +32     rbx                           entry
//        +24     r12                           argument
//        +16     r13                           0
//        +8      r14                           0
//        +0      r15    <- *parked             0            <- what stack_first_frame returns
//      lower

#if defined(__x86_64__)

        .text

// void stack_switch(void **parked /* rdi */, void *target /* rsi */)
        .globl  stack_switch
        .hidden stack_switch
        .type   stack_switch, @function
        .p2align 4
stack_switch:
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        movq    %rsp, (%rdi)
        // From here the same layout is below rsp, only on the other stack: the unwind rules above go on to hold.
        movq    %rsi, %rsp
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbp
        // Not ret: the processor predicts a ret to return to our caller on the old stack and is always wrong.
        // An indirect jump is predicted from where it went last.
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rcx
        jmpq    *%rcx
        .cfi_endproc
        .size   stack_switch, . - stack_switch

// Where the first switch to a fresh stack arrives: rbx is the entry, r12 its argument, rsp 16-byte aligned.
        .type   stack_switch_start, @function
        .p2align 4
stack_switch_start:
        .cfi_startproc
        .cfi_undefined rip              // no caller: debuggers and crash reports end here
        movq    %r12, %rdi
        callq   *%rbx
        ud2                             // entry never returns; also keeps the return address inside this function
        .cfi_endproc
        .size   stack_switch_start, . - stack_switch_start

// void *stack_first_frame(void *top /* rdi */, void (*entry)(void *) /* rsi */, void *argument /* rdx */)
        .globl  stack_first_frame
        .hidden stack_first_frame
        .type   stack_first_frame, @function
        .p2align 4
stack_first_frame:
        .cfi_startproc
        andq    $-16, %rdi
        leaq    stack_switch_start(%rip), %rcx
        xorl    %r8d, %r8d
        movq    %r8, -8(%rdi)
        movq    %r8, -16(%rdi)
        movq    %rcx, -24(%rdi)         // return address
        movq    %r8, -32(%rdi)          // rbp
        movq    %rsi, -40(%rdi)         // rbx: entry
        movq    %rdx, -48(%rdi)         // r12: argument
        movq    %r8, -56(%rdi)          // r13
        movq    %r8, -64(%rdi)          // r14
        movq    %r8, -72(%rdi)          // r15
        leaq    -72(%rdi), %rax
        ret
        .cfi_endproc
        .size   stack_first_frame, . - stack_first_frame

#endif

// Without this note the linker would make the stack of the whole program executable.
// There is no property note for shadow stacks on purpose: they would need switching too, so the loader keeps them off.
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
