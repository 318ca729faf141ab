// Names of functions. dladdr knows those that a program exports, and a Swift program exports none of its own; the symbol
// table in its file has them all.

#define _GNU_SOURCE
#include "CTasklets.h"
#include "objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *name_in_table(struct file file, const ElfW(Shdr) *table, const ElfW(Shdr) *texts, uintptr_t value) {
    const ElfW(Sym) *symbols = file_part(file, table->sh_offset, table->sh_size);
    const char *names = file_part(file, texts->sh_offset, texts->sh_size);
    if (symbols == NULL || names == NULL || table->sh_offset % 8 != 0) return NULL;
    for (size_t index = 0; index < table->sh_size / sizeof *symbols; index++) {
        const ElfW(Sym) *symbol = &symbols[index];
        if ((symbol->st_info & 15) != STT_FUNC || symbol->st_shndx == SHN_UNDEF) continue;
        if (value < symbol->st_value || value - symbol->st_value >= symbol->st_size) continue;
        if (symbol->st_name >= texts->sh_size) return NULL;
        return strndup(names + symbol->st_name, texts->sh_size - symbol->st_name);
    }
    return NULL;
}

static char *name_in_file(struct file file, uintptr_t value) {
    size_t count = 0;
    const ElfW(Shdr) *sections = file_sections(file, &count);
    if (sections == NULL) return NULL;
    // A file that was stripped still has the second table, with what it exports.
    const unsigned kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t index = 0; index < count; index++) {
            const ElfW(Shdr) *table = &sections[index];
            if (table->sh_type != kinds[kind] || table->sh_link >= count) continue;
            char *name = name_in_table(file, table, &sections[table->sh_link], value);
            if (name != NULL) return name;
        }
    }
    return NULL;
}

char *stack_symbol(const void *address) {
    struct object object;
    if (!object_find(address, &object)) return NULL;
    struct file file = file_map(object.path);
    char *name = name_in_file(file, (uintptr_t)address - object.base);
    file_unmap(file);
    return name;
}

char *stack_place(const void *address) {
    struct object object;
    if (!object_find(address, &object)) return NULL;
    char path[sizeof object.path] = {0};
    if (strcmp(object.path, program_path) != 0 || readlink(program_path, path, sizeof path - 1) < 0)
        memcpy(path, object.path, sizeof path);
    const char *slash = strrchr(path, '/');
    char *place = NULL;
    int length = asprintf(&place, "%s+0x%" PRIxPTR, slash == NULL ? path : slash + 1, (uintptr_t)address - object.base);
    return length < 0 ? NULL : place;
}
