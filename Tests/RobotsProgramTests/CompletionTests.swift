import Foundation
import Testing

/// The Tab key in the shells, with the scripts that the program writes for them.
@Suite struct CompletionTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write("", to: "alpha.json")
        try program.write("", to: "film.mp4")
        try program.write("", to: "film.text")
        try program.write("", to: "plot.svg")
        try program.write("", to: "plot.text")
    }

    private static let cases = [
        (["--scenario", "al"], ["alpha.json"]), (["--resume", "al"], ["alpha.json"]),
        (["--save", "al"], ["alpha.json"]),
        (["--sweep", "al"], ["alpha.json"]), (["--states", "al"], ["alpha.json"]),
        (["--table", "al"], ["alpha.json"]), (["--statistics", "al"], ["alpha.json"]),
        (["--plot", "pl"], ["plot.svg"]),
        (["--messages", "al"], ["alpha.json"]),
        (["--trails", "al"], ["alpha.json"]), (["--timeline", "al"], ["alpha.json"]),
        (["--record", "fi"], ["film.mp4"]), (["--behaviour", "wan"], ["wander"]),
        (["--behaviour", ""], ["avoid", "bounce", "classic", "wander"]),
    ]

    @Test(arguments: cases)
    func bash(words: [String], completed: [String]) throws {
        let result = try program.runScript(
            """
            eval "$("$robots" --generate-completion-script bash)"
            COMP_WORDS=(robots \(words[0]) '\(words[1])') COMP_CWORD=2
            COMP_LINE="robots \(words[0]) \(words[1])"
            COMP_POINT=${#COMP_LINE}
            complete -p robots >/dev/null && _robots robots '\(words[1])' \(words[0])
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        )
        #expect(result.output.split(separator: "\n").map(String.init).sorted() == completed, "\(result.errors)")
    }

    @Test(arguments: cases)
    func fish(words: [String], completed: [String]) throws {
        let result = try program.runScript(
            """
            "$robots" --generate-completion-script fish > robots.fish
            PATH=$(dirname "$robots"):$PATH fish --no-config -c 'source robots.fish; complete -C "robots \(words[0]) \(words[1])"'
            """
        )
        let found = result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        #expect(found.sorted() == completed, "\(result.errors)")
    }

    /// On a terminal, since zsh completes nowhere else: what the line reads after the key.
    @Test func zsh() throws {
        let typed = Self.cases.filter { $0.1.count == 1 }
        let keys = typed.map { "\($0.0[0]) \($0.0[1])\\t" }.joined(separator: " ")
        let result = try program.runScript(
            """
            "$robots" --generate-completion-script zsh > _robots
            timeout 600 zsh -f -c '
                zmodload zsh/zpty
                zpty -b shell "zsh -f -i"
                seen=
                wait_for() { until [[ $seen == *$1* ]]; do zpty -r -t shell more && seen+=$more || sleep 0.02; done }
                zpty -w shell "fpath=($PWD \\$fpath); autoload -Uz compinit; compinit -u -D; print is\\"\\"ready"
                wait_for isready
                # The command writes its words into a file.
                zpty -w shell "robots() { print -r -- \\$* > words; print is\\"\\"done }"
                zpty -w -n shell $'"'"'robots \(keys)\\n'"'"'
                wait_for isdone
            '
            cat words
            """
        )
        let expected = typed.map { "\($0.0[0]) \($0.1[0])" }.joined(separator: " ")
        #expect(
            result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ") == expected,
            "\(result.errors)"
        )
    }
}
