// Names of functions. dladdr knows those that a program exports, and a Swift program exports none of its own; the symbol
// table in its file has them all.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
    uintptr_t address;
    // What is found: the file that the address comes from, and the place in it as its symbols count.
    char path[4096];
    uintptr_t value;
};

static int look_at_object(struct dl_phdr_info *object, size_t size, void *argument) {
    (void)size;
    struct search *search = argument;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || search->address < start || search->address - start >= segment->p_memsz)
            continue;
        // The program itself has no name here.
        const char *path = object->dlpi_name[0] == 0 ? "/proc/self/exe" : object->dlpi_name;
        strncpy(search->path, path, sizeof search->path - 1);
        search->value = search->address - object->dlpi_addr;
        return 1;
    }
    return 0;
}

// A file in memory. Nothing in it is believed: it may be another one by now than the one that was loaded.
struct file {
    const char *bytes;
    size_t length;
};

static const void *part(struct file file, uint64_t offset, uint64_t length) {
    if (offset > file.length || length > file.length - offset || offset % 8 != 0) return NULL;
    return file.bytes + offset;
}

static char *name_in_table(struct file file, const ElfW(Shdr) *table, const ElfW(Shdr) *texts, uintptr_t value) {
    const ElfW(Sym) *symbols = part(file, table->sh_offset, table->sh_size);
    if (symbols == NULL || texts->sh_offset > file.length || texts->sh_size > file.length - texts->sh_offset)
        return NULL;
    for (size_t index = 0; index < table->sh_size / sizeof *symbols; index++) {
        const ElfW(Sym) *symbol = &symbols[index];
        if ((symbol->st_info & 15) != STT_FUNC || symbol->st_shndx == SHN_UNDEF) continue;
        if (value < symbol->st_value || value - symbol->st_value >= symbol->st_size) continue;
        if (symbol->st_name >= texts->sh_size) return NULL;
        return strndup(file.bytes + texts->sh_offset + symbol->st_name, texts->sh_size - symbol->st_name);
    }
    return NULL;
}

static char *name_in_file(struct file file, uintptr_t value) {
    const ElfW(Ehdr) *header = part(file, 0, sizeof *header);
    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return NULL;
    const ElfW(Shdr) *sections = part(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof *sections);
    if (sections == NULL) return NULL;
    // A file that was stripped still has the second table, with what it exports.
    const unsigned kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t index = 0; index < header->e_shnum; index++) {
            const ElfW(Shdr) *table = &sections[index];
            if (table->sh_type != kinds[kind] || table->sh_link >= header->e_shnum) continue;
            char *name = name_in_table(file, table, &sections[table->sh_link], value);
            if (name != NULL) return name;
        }
    }
    return NULL;
}

char *stack_symbol(const void *address) {
    struct search search = {.address = (uintptr_t)address};
    if (dl_iterate_phdr(look_at_object, &search) == 0) return NULL;
    int descriptor = open(search.path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    char *name = NULL;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        size_t length = (size_t)status.st_size;
        void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes != MAP_FAILED) {
            name = name_in_file((struct file){bytes, length}, search.value);
            munmap(bytes, length);
        }
    }
    close(descriptor);
    return name;
}
