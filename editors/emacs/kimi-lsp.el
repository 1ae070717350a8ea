;;; kimi-lsp.el --- Kimi in Emacs, through eglot  -*- lexical-binding: t; -*-

;; Load this file, open a file, and start eglot as usual.  `eglot-code-actions' lists what Kimi offers.
;;
;; eglot runs one server for each buffer.  To have Kimi beside your usual server, install `rass'
;; (the package rassumfrassum) and name both, as `kimi-lsp-beside' does.

;;; Code:

(require 'eglot)

(defun kimi-lsp-alone (&rest modes)
  "Run Kimi as the only server in MODES."
  (dolist (mode modes)
    (add-to-list 'eglot-server-programs (cons mode '("kimi-lsp" "serve")))))

(defun kimi-lsp-beside (mode &rest command)
  "Run Kimi in MODE beside the server that COMMAND (strings) starts."
  (add-to-list 'eglot-server-programs
               (cons mode `("rass" "--" ,@command "--" "kimi-lsp" "serve"))))

;; Examples; keep one for each mode.
;; (kimi-lsp-beside 'python-mode "pylsp")
;; (kimi-lsp-beside 'rust-mode "rust-analyzer")
;; (kimi-lsp-alone 'text-mode)

(defun kimi-lsp--execute (command &rest properties)
  "Ask the server for COMMAND on the region, or at point, with PROPERTIES added."
  (let ((server (eglot-current-server))
        (start (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (unless server (user-error "Kimi: eglot is not running in this buffer"))
    (jsonrpc-async-request
     server :workspace/executeCommand
     (list :command command
           :arguments (vector (append
                               (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                                     :range (list :start (eglot--pos-to-lsp-position start)
                                                  :end (eglot--pos-to-lsp-position end)))
                               properties)))
     :success-fn #'ignore
     :error-fn (lambda (error) (message "Kimi: %s" (plist-get error :message))))))

(defun kimi-lsp-explain ()
  "Explain the region, or the function at point."
  (interactive)
  (kimi-lsp--execute "kimi.explain"))

(defun kimi-lsp-refactor (instruction)
  "Change the region, or the function at point, as INSTRUCTION says."
  (interactive "sKimi, what shall change? ")
  (kimi-lsp--execute "kimi.refactor" :instruction instruction))

(defun kimi-lsp-cancel ()
  "Stop what runs for this buffer."
  (interactive)
  (let ((server (eglot-current-server)))
    (unless server (user-error "Kimi: eglot is not running in this buffer"))
    (jsonrpc-async-request
     server :workspace/executeCommand
     (list :command "kimi.cancel"
           :arguments (vector (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri))))
     :success-fn #'ignore)))

(provide 'kimi-lsp)
;;; kimi-lsp.el ends here
