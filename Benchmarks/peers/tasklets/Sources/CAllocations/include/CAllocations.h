#pragma once

/// How many blocks of memory this process has asked for, and how many bytes of it are in memory now.
long allocation_count(void);
long resident_bytes(void);
