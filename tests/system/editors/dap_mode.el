;;; dap_mode.el --- dap-mode against celldap -*- lexical-binding: t -*-
;; SPDX-License-Identifier: BSD-3-Clause
;; Run by test_editors.py in batch: DAP_CONFIG is the page's configuration, DAP_PROGRAM is debugged
;; with a breakpoint at DAP_LINE. Prints what dap-mode shows, one line each, beginning with "SHOWN".

(package-initialize)
(setq lsp-session-file (expand-file-name "lsp-session")
      dap-breakpoints-file (expand-file-name "dap-breakpoints"))
(load (getenv "DAP_CONFIG") nil t)

(defvar test-over nil)
(defun test-show (format-string &rest arguments)
  (princ (concat "SHOWN " (apply #'format format-string arguments) "\n")))

(defun test-frame (session)
  "Shows the frame, and a variable by dap-mode's evaluation; then lets SESSION run on."
  (let ((frame (dap--debug-session-active-frame session)))
    (when (and frame (not (eq test-over 'continued)))
      (setq test-over 'continued)
      (test-show "frame %s line %s" (gethash "name" frame) (gethash "line" frame))
      (dap--send-message
       (dap--make-request "evaluate" (list :expression "m" :frameId (gethash "id" frame)
                                           :context "watch"))
       (lambda (reply)
         (test-show "m is %s" (gethash "result" (gethash "body" reply)))
         (dap-continue session (dap--debug-session-thread-id session)))
       session))))

(add-hook 'dap-stack-frame-changed-hook #'test-frame)
(add-hook 'dap-terminated-hook (lambda (_session) (setq test-over t)))

(find-file (getenv "DAP_PROGRAM"))
(lsp-workspace-folders-add default-directory)
(goto-char (point-min))
(forward-line (1- (string-to-number (getenv "DAP_LINE"))))
(dap-breakpoint-add)
(dap-debug (cdr (assoc "celldap: file" dap-debug-template-configurations)))
(while (not (eq test-over t))
  (accept-process-output nil 0.1))
(with-current-buffer (dap--debug-session-output-buffer (dap--cur-session))
  (test-show "output %s" (string-trim (buffer-string))))
(kill-emacs 0)
