#include <SDL.h>
#include <SDL2/SDL_syswm.h>
