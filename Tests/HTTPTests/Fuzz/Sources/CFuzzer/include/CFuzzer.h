#ifndef CFUZZER_H
#define CFUZZER_H

// Where SwiftPM lets an executable begin; libFuzzer's own `main` is not used.
int FuzzHTTP_main(int count, char **arguments);

#endif
