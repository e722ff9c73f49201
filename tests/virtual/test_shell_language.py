"""The language of the mini shell. Expected values are what mksh on Android prints."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual.console import ran


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo one two", "one two\n"),
        ("echo  'a  b'   \"c  d\" e\\ f", "a  b c  d e f\n"),
        ("echo a;echo b", "a\nb\n"),
        ("echo a\necho b", "a\nb\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("false; echo $?", "1\n"),
        ("(exit 3); echo $?", "3\n"),
        ("x=1; (x=2); echo $x", "1\n"),
        ("x=1; { x=2; }; echo $x", "2\n"),
        ("x='a  b'; echo $x; echo \"$x\"", "a b\na  b\n"),
        ("x=; echo [$x] ${x:-default} ${y:-other}", "[] default other\n"),
        ("x=a; echo ${x}b '$x' \"${x}\"", "ab $x a\n"),
        ("echo $(echo inner $(echo deeper))", "inner deeper\n"),
        ("echo `echo old`", "old\n"),
        ("echo \"$(printf 'a\\nb\\n\\n')\"", "a\nb\n"),
        ("x=$(false); echo $?", "1\n"),
        ("! false && echo negated", "negated\n"),
        ("echo a b c | tr a-c x", "x b x\n"),
        ("printf 'one\\ntwo\\nthree\\n' | head -n 2 | tail -1", "two\n"),
        ("printf 'one\\ntwo\\n' | grep -c o", "2\n"),
        ("printf 'b\\na\\n' | sort", "a\nb\n"),
        ("echo one | wc -l", "1\n"),
        ("echo gone >/dev/null; echo seen", "seen\n"),
        ("echo bad >&2", ""),
        ("echo both 2>&1", "both\n"),
        ("nothing 2>/dev/null; echo $?", "127\n"),
        ("echo saved > /sdcard/f; cat /sdcard/f; cat < /sdcard/f", "saved\nsaved\n"),
        ("echo a > /sdcard/f; echo b >> /sdcard/f; cat /sdcard/f", "a\nb\n"),
        ("cd /sdcard; pwd; echo here > f; ls f", "/sdcard\nf\n"),
        ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n"),
        ("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done", "1\n3\n"),
        ("while true; do echo once; break; done", "once\n"),
        ("until true; do echo never; done; echo end", "end\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n"),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("echo $((7 / -2)) $((7 % -2)) $((2+3*4)) $(((2+3)*4)) $((3 > 2))", "-3 1 14 20 1\n"),
        ("[ -z '' ] && [ -n x ] && [ a = a ] && [ a != b ] && echo ok", "ok\n"),
        ('[[ -z $(getprop nothing) ]] && echo "not set"', "not set\n"),
        ("[[ -n $(getprop nothing) ]] || echo unset", "unset\n"),
        ("test -d /sdcard && test -f /proc/uptime && ! test -e /nowhere && echo ok", "ok\n"),
        (
            "touch /sdcard/a1 /sdcard/a2; echo /sdcard/a*; echo '/sdcard/a*' /nowhere/*",
            "/sdcard/a1 /sdcard/a2\n/sdcard/a* /nowhere/*\n",
        ),
        ("export A=1; echo $A; unset A; echo [$A]", "1\n[]\n"),
        ("exec echo last; echo never", "last\n"),
        ("nohup echo kept", "kept\n"),
        ("eval 'echo a; echo b'", "a\nb\n"),
        ("sh -c 'echo inner; exit 4'; echo $?", "inner\n4\n"),
        ("exit 5; echo never", ""),
        ("# a comment\necho a # another", "a\n"),
        ("echo a#b", "a#b\n"),
        ("echo one \\\n two", "one two\n"),
        ("command -v echo; which nothing; echo $?", "/system/bin/echo\n1\n"),
        ("seq 1 3 | while true; do break; done; echo ok", "ok\n"),
        ("echo -n a; echo -e 'b\\tc'", "ab\tc\n"),
        ("logcat | head -n 0; echo ended", "ended\n"),
        ("", ""),
    ],
)
def test_a_script_prints_what_mksh_prints(script: str, printed: str):
    assert ran(script).out == printed


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("true", 0),
        ("exit 300", 44),
        ("false | true", 0),
        ("true | false", 1),
        ("grep x /proc/uptime", 1),
        ("cat /nowhere", 1),
        ("cat < /nowhere", 1),
        ("echo > /system/x", 1),
        ("echo $((1/0))", 1),
        ("echo 'open", 1),
        ("if true; then", 1),
        ("echo )", 1),
        ("| echo", 1),
        ("while true; do echo; exit 9; done", 9),
    ],
)
def test_a_script_ends_with_the_code_of_its_last_command(script: str, code: int):
    assert ran(script).code == code


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("nonsense 1", "/system/bin/sh: nonsense: inaccessible or not found\n"),
        ("if true; then", "/system/bin/sh: syntax error: unexpected EOF\n"),
        ("done", "/system/bin/sh: syntax error: unexpected 'done'\n"),
        ("echo > /etc", "/system/bin/sh: can't create or open /etc: Read-only file system\n"),
        ("echo 'open", "/system/bin/sh: no closing quote: '\n"),
        ("$(" * 5000, "/system/bin/sh: syntax error: nested too deeply\n"),
        ("( " * 100 + ")" * 100, "/system/bin/sh: syntax error: nested too deeply\n"),
        ("$(" * 100 + ")" * 100, "/system/bin/sh: syntax error: nested too deeply\n"),
    ],
)
def test_what_is_wrong_is_said(script: str, complaint: str):
    assert ran(script).err == complaint


def test_a_pipe_hands_on_what_it_is_given():
    assert ran("cat | grep b | tr b B", stdin=b"a\nb\nc\n").out == "B\n"


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20), min_size=1, max_size=4))
def test_quoted_words_arrive_as_they_are(words: list[str]):
    printed = ran("printf '%s|%s|%s|%s' " + " ".join(shlex.quote(word) for word in words)).out
    assert printed == "|".join([*words, *([""] * (4 - len(words)))])


WORDS = ["echo", "a", "if", "then", "fi", "while", "do", "done", "for", "in", "true", "false", "-1", "2>&1"]
SIGNS = [
    "'",
    '"',
    "\n",
    " ",
    "\\",
    *[
        "$",
        "(",
        ")",
        "{",
        "}",
        ";",
        "&&",
        "||",
        "|",
        ">",
        "<",
        "`",
        "$(",
        "${",
        "[",
        "]",
        "=",
        "*",
        "$((",
        "))",
        "#",
        "!",
        "&",
        "%",
    ],
]
pieces = st.sampled_from([*WORDS, *SIGNS])


@settings(deadline=None, max_examples=200)
@given(st.lists(pieces | st.text(max_size=5), max_size=15).map(" ".join) | st.text(max_size=60))
def test_no_script_brings_the_shell_down(script: str):
    # An endless loop is a script's right; everything else must end with a code and at most a complaint.
    if "while" not in script and "until" not in script:
        assert 0 <= ran(script).code <= 255
