# SPDX-License-Identifier: BSD-3-Clause
"""jupyter_kernel_test's suite with all its samples filled in; run against the spec `python3`."""

import jupyter_kernel_test


class CelldapTests(jupyter_kernel_test.KernelTests):
    kernel_name = "python3"
    language_name = "python"
    file_extension = ".py"

    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('oh', file=sys.stderr)"
    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": "imp", "matches": {"import"}},
        {"text": "import os; os.path.isab", "matches": {"isabs"}},
    ]
    complete_code_samples = ["1", "print('hi')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples = ["print('''hi", "def f(x):\n  x*2", "for i in range(3):"]
    invalid_code_samples = ["import = 7q", "a b"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('on purpose')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data = [
        {
            "code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))",
            "mime": "text/html",
        },
        {
            "code": "from IPython.display import Math, display; display(Math('x^2'))",
            "mime": "text/latex",
        },
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


class CelldapWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "python3"
    support_iopub_welcome = True
