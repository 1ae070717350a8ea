;;; driver.el --- A user of kimi-lsp.el in batch Emacs  -*- lexical-binding: t; -*-

;;; Commentary:

;; Run with the scenario's name in KIMI_TEST_SCENARIO and a folder for logs in KIMI_TEST_ARTEFACTS.  Emacs ends with 0
;; where all was seen that must be.  ruff's diagnostics come by `python-flymake', which is not eglot's, as they do for
;; users who have ruff beside a language server.

;;; Code:

(require 'cl-lib)
(require 'python)
(setq debug-on-error nil
      make-backup-files nil
      create-lockfiles nil
      inhibit-message nil
      enable-local-variables nil)
(require 'kimi-lsp)

(setq python-flymake-command '("ruff" "check" "--quiet" "--no-cache" "--output-format=concise" "--stdin-filename=stdin" "-")
      eglot-events-buffer-size 2000000)
(kimi-lsp-alone 'python-mode)
(defun user--with-flymake ()
  "Let ruff report beside eglot."
  (when (eglot-managed-p) (add-hook 'flymake-diagnostic-functions #'python-flymake nil t)))
(add-hook 'eglot-managed-mode-hook #'user--with-flymake)

(defvar user--said nil "All that Emacs has told its user, the newest first.")
(advice-add 'message :before
            (lambda (&optional format &rest words)
              (when format (push (apply #'format format words) user--said))))

(defun user--wait (what seen)
  "Wait until SEEN (a function) returns something, and return that; WHAT is its name."
  (let ((end (+ (float-time) 40)) found)
    (while (not (setq found (funcall seen)))
      (when (> (float-time) end)
        (error "Not seen: %s.  Said: %S" what (seq-take user--said 8)))
      (accept-process-output nil 0.05))
    found))

(defun user--check (what seen)
  "Fail, with the words WHAT, where SEEN is nil."
  (unless seen (error "Wrong: %s.  Said: %S" what (seq-take user--said 8))))

(defun user--lever (&rest words)
  "Move a lever of the sandbox by WORDS, and return what it says."
  (with-temp-buffer
    (let ((code (apply #'call-process (getenv "KIMI_TEST_PYTHON") nil t nil "-m" "tests.editors.lever" words)))
      (unless (eq code 0) (error "Lever %S: %s" words (buffer-string)))
      (goto-char (point-min))
      (json-parse-buffer :array-type 'list :object-type 'plist :null-object nil))))

(defun user--heard (words)
  "Return non-nil if Emacs has said something with WORDS (a regexp) in it."
  (cl-find-if (lambda (one) (string-match-p words one)) user--said))

(defun user--open (name)
  "Open the file NAME and start eglot there."
  (find-file name)
  (python-mode)
  (buffer-enable-undo)
  (apply #'eglot (eglot--guess-contact))
  (user--wait "eglot in this buffer" (lambda () (and (eglot-managed-p) kimi-lsp-mode)))
  (flymake-start))

(defun user--report ()
  "Wait for what ruff reports, and return it."
  (car (user--wait "a diagnostic of ruff's" (lambda () (flymake-start) (accept-process-output nil 0.2) (flymake-diagnostics)))))

(defun user--select (from to)
  "Select from the line where FROM stands to the line where TO stands."
  (goto-char (point-min))
  (search-forward from)
  (let ((start (line-beginning-position)))
    (search-forward to)
    (push-mark start t t)
    (goto-char (line-end-position))
    (setq transient-mark-mode t mark-active t)))

(defun user--menu (beg end)
  "Return the titles of the code actions between BEG and END."
  (mapcar (lambda (one) (plist-get one :title)) (eglot-code-actions beg end)))

(defun user--pick (wanted)
  "Choose from eglot's own menu the entry that begins with WANTED."
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt entries &rest _)
               (or (cl-find-if (lambda (one) (string-prefix-p wanted one))
                               (mapcar (lambda (one) (if (consp one) (car one) one)) entries))
                   (error "Not in the menu: %s" wanted)))))
    (let ((last-nonmenu-event t))
      (eglot-code-actions (if (use-region-p) (region-beginning) (point))
                          (and (use-region-p) (region-end)) nil t))))

(defun user--text () "Return the whole buffer." (buffer-substring-no-properties (point-min) (point-max)))

(defun user--idle ()
  "Wait until nothing of Kimi's is under way."
  (user--wait "the end of all jobs" (lambda () (null (kimi-lsp--running (eglot-current-server))))))

(defun user--has (words) "Tell whether WORDS are in the buffer." (string-search words (user--text)))

(defun user--asked () "Return the sandbox's journal." (user--lever "requests"))

(defun user--held-refactoring ()
  "Ask for guard clauses in `discount', and return once the sandbox holds the answer."
  (user--lever "control" "{\"hold\": \"in_content\"}")
  (user--select "def discount" "return 0")
  (kimi-lsp-refactor "use guard clauses")
  (deactivate-mark)
  (user--lever "wait" "held" "1")
  (user--wait "a job in the mode line"
              (lambda () (string-match-p "Refactor" (kimi-lsp--lighter)))))

(defun user--flat-p () "Tell whether `discount' has guard clauses." (user--has "    if not customer:\n        return 0\n"))

(defun scenario-menu_on_a_bare_cursor ()
  (user--open "cart.py")
  (goto-char (point-min))
  (search-forward "if country in")
  (user--check "a menu on a bare cursor" (null (user--menu (point) nil)))
  (user--check "the sandbox was asked" (null (user--asked))))

(defun scenario-menu_where_it_fits ()
  (user--open "cart.py")
  (goto-char (flymake-diagnostic-beg (user--report)))
  (let ((there (user--menu (point) nil)))
    (user--check (format "%S" there) (string-match-p "\\`Kimi: Fix .*json" (car there)))
    (user--check (format "%S" there) (<= (length there) 3)))
  (user--select "def discount" "return 0")
  (let ((there (user--menu (region-beginning) (region-end))))
    (user--check (format "%S" there) (member "Kimi: Refactor selection…" there))
    (user--check (format "%S" there) (member "Kimi: Explain" there))
    (user--check (format "%S" there) (<= (length there) 3))
    (user--check (format "%S" there) (cl-every (lambda (one) (string-prefix-p "Kimi: " one)) there)))
  (user--check "the sandbox was asked" (null (user--asked))))

(defun scenario-fix_a_diagnostic ()
  (user--open "cart.py")
  (goto-char (flymake-diagnostic-beg (user--report)))
  (user--pick "Kimi: Fix")
  (user--wait "the import" (lambda () (user--has "import json\n")))
  (user--wait "the summary" (lambda () (user--heard "(sandbox)")))
  (user--idle)
  (user--wait "ruff to be content" (lambda () (flymake-start) (accept-process-output nil 0.2) (null (flymake-diagnostics))))
  (save-buffer))

(defun scenario-refactor_with_an_instruction ()
  (user--open "cart.py")
  (user--select "def discount" "return 0")
  (cl-letf (((symbol-function 'read-string) (lambda (&rest _) "use guard clauses")))
    (user--pick "Kimi: Refactor"))
  (user--wait "guard clauses" #'user--flat-p)
  (user--idle)
  (save-buffer))

(defun scenario-explain ()
  (user--open "cart.py")
  (user--select "def delivery" "return 990")
  (let ((before (user--text)))
    (kimi-lsp-explain)
    (user--wait "the explanation"
                (lambda ()
                  (let ((buffer (get-buffer "*Kimi: explanation*")))
                    (and buffer (with-current-buffer buffer
                                  (and (user--has "delivery") (user--has "sandbox") buffer-read-only))))))
    (user--wait "what it cost" (lambda () (user--heard "\\$0\\.")))
    (user--check "it is in no window" (get-buffer-window "*Kimi: explanation*"))
    (user--check "the buffer changed" (equal before (user--text)))))

(defun scenario-cancel_in_the_middle ()
  (user--open "cart.py")
  (let ((before (user--text)))
    (user--held-refactoring)
    (user--check "no Cancel in the menu" (cl-find "Kimi: Cancel" (user--menu (point) nil) :test #'string-prefix-p))
    (kimi-lsp-cancel)
    (user--wait "the word of it" (lambda () (user--heard "Kimi: cancelled")))
    (user--lever "wait" "disconnected" "1")
    (user--idle)
    (user--check "the buffer changed" (equal before (user--text)))))

(defun scenario-type_elsewhere_during_the_wait ()
  (user--open "cart.py")
  (user--held-refactoring)
  (goto-char (point-min))
  (insert "# typed during the wait\n")
  (user--lever "release")
  (user--wait "guard clauses" #'user--flat-p)
  (user--check "what was typed is gone" (string-prefix-p "# typed during the wait\n" (user--text)))
  (user--idle)
  (save-buffer))

(defun scenario-type_there_during_the_wait ()
  (user--open "cart.py")
  (user--held-refactoring)
  (goto-char (point-min))
  (search-forward "customer.get(\"member\")")
  (replace-match "customer[\"member\"]" t t)
  (search-backward "if customer:")
  (replace-match "if customer and cents:" t t)
  (let ((typed (user--text)))
    (user--lever "release")
    (user--wait "the refusal" (lambda () (user--heard "were changed while")))
    (user--check "Emacs waits for an answer" (null (active-minibuffer-window)))
    (with-current-buffer (user--wait "the question" (lambda () (get-buffer "*Kimi: question*")))
      (goto-char (point-min))
      (search-forward "Discard")
      (push-button (1- (point))))
    (user--idle)
    (user--check "it was asked again" (eq 1 (length (user--asked))))
    (user--check "the buffer is not what was typed" (equal typed (user--text)))))

(defun scenario-undo_in_one_step ()
  (user--open "several.py")
  (goto-char (flymake-diagnostic-beg (user--report)))
  (goto-char (point-max))
  (insert "# typed just before\n")
  (let ((before (user--text)))
    (goto-char (flymake-diagnostic-beg (user--report)))
    (kimi-lsp-fix)
    (user--wait "the fix" (lambda () (user--has "is None")))
    (user--idle)
    (undo-boundary)
    (setq last-command 'other this-command 'undo)
    (undo)
    (user--check (user--text) (equal before (user--text)))))

(defun scenario-columns_that_are_not_ascii ()
  (user--open "accents.py")
  (goto-char (flymake-diagnostic-beg (user--report)))
  (user--check "the place of the diagnostic" (looking-at "json"))
  (kimi-lsp-fix)
  (user--wait "the import" (lambda () (user--has "import json\n")))
  (user--idle)
  (save-buffer))

(defun scenario-windows_line_ends ()
  (user--open "windows.py")
  (user--check "the line ends were not seen" (eq 1 (coding-system-eol-type buffer-file-coding-system)))
  (goto-char (flymake-diagnostic-beg (user--report)))
  (kimi-lsp-fix)
  (user--wait "the import" (lambda () (user--has "import json\n")))
  (user--idle)
  (save-buffer))

(defun user--hints ()
  "Return Kimi's own diagnostics."
  (cl-remove-if-not (lambda (one) (string-match-p "share this mutable default" (flymake-diagnostic-text one)))
                    (flymake-diagnostics)))

(defun user--reviewed ()
  "Open several.py, have it reviewed, and go to the suggestion."
  (user--open "several.py")
  (kimi-lsp-review)
  (user--wait "the hint" #'user--hints)
  (user--idle))

(defun scenario-suggestion_made_from_memory ()
  (user--reviewed)
  (goto-char (point-min))
  (insert "# typed 🎈\n")
  (search-forward "def add")
  (let ((there (user--menu (point) nil)))
    (user--check (format "%S" there) (cl-find "Kimi: Apply “All calls share" there :test #'string-prefix-p))
    (user--check (format "%S" there) (<= (length there) 3)))
  (user--pick "Kimi: Apply")
  (user--wait "the edit" (lambda () (user--has "    if basket is None:\n        basket = []\n")))
  (user--check "what was typed" (string-prefix-p "# typed 🎈\n" (user--text)))
  (user--check "the other place" (user--has "basket: list[str] | None = None"))
  (kimi-lsp--flush)
  (user--wait "the end of the hint" (lambda () (null (user--hints))))
  (user--check "the sandbox was asked again" (eq 1 (length (user--asked)))))

(defun scenario-suggestion_dismissed ()
  (user--reviewed)
  (let ((before (user--text)))
    (goto-char (point-min))
    (search-forward "def add")
    (kimi-lsp-dismiss)
    (user--wait "the end of the hint" (lambda () (null (user--hints))))
    (kimi-lsp-review)
    (user--wait "the second review" (lambda () (user--heard "1 dismissed before")))
    (user--check "the hint came back" (null (user--hints)))
    (user--check "the buffer changed" (equal before (user--text)))))

(defun scenario-server_killed_and_restarted ()
  (user--open "cart.py")
  (user--held-refactoring)
  (let ((server (eglot-current-server)) (before (user--text)))
    (signal-process (jsonrpc--process server) 'SIGKILL)
    (user--wait "the end of the server" (lambda () (not (jsonrpc-running-p server))))
    (user--wait "a word on the request that went with it" (lambda () (user--heard "\\`Kimi: ")))
    (user--lever "release")
    (user--lever "control" "{\"hold\": null}")
    (user--wait "a server that runs"
                (lambda ()
                  (let ((now (eglot-current-server)))
                    (or (and now (jsonrpc-running-p now) (eglot-managed-p))
                        (ignore (apply #'eglot (eglot--guess-contact)))))))
    (user--check "something still runs" (null (kimi-lsp--running (eglot-current-server))))
    (user--check "the buffer changed" (equal before (user--text))))
  (kimi-lsp-mode -1)
  (scenario-explain))

(defun scenario-no_key ()
  (user--open "cart.py")
  (user--select "def delivery" "return 990")
  (let ((before (user--text)))
    (kimi-lsp-explain)
    (user--wait "the sentence on the key" (lambda () (user--heard "key.*EMPIRIOLABS_API_KEY\\|EMPIRIOLABS_API_KEY.*key")))
    (user--idle)
    (user--check "the buffer changed" (equal before (user--text)))
    (user--check "the sandbox was asked" (null (user--asked)))))

;; What only Emacs has.

(defun user--preview ()
  "Wait for a preview that is undecided, and go there."
  (set-buffer
   (user--wait "a preview"
               (lambda () (cl-find-if (lambda (one) (buffer-local-value 'kimi-lsp--reply one)) (buffer-list))))))

(defun user--with-preview ()
  "Open cart.py where every edit is shown before it is made, and ask for one."
  (setq-default eglot-workspace-configuration '((:kimi . (:preview "always"))))
  (user--open "cart.py")
  (user--select "def discount" "return 0")
  (kimi-lsp-refactor "use guard clauses"))

(defun scenario-preview_accepted ()
  (user--with-preview)
  (let ((file (current-buffer)))
    (user--preview)
    (user--check "no diff" (user--has "+    if not customer:"))
    (with-current-buffer file
      (user--check "it was made before the word" (not (user--flat-p)))
      (goto-char (point-min))
      (insert "# Emacs is not frozen\n"))
    (kimi-lsp-accept)
    (set-buffer file)
    (user--wait "the edit" #'user--flat-p)
    (user--check "what was typed" (string-prefix-p "# Emacs" (user--text)))
    (user--idle)))

(defun scenario-preview_rejected ()
  (user--with-preview)
  (let ((file (current-buffer)) (before (user--text)))
    (user--preview)
    (kill-buffer)
    (set-buffer file)
    (user--idle)
    (user--check "the buffer changed" (equal before (user--text)))))

(defun scenario-preview_again ()
  (user--with-preview)
  (let ((file (current-buffer)))
    (user--preview)
    (kimi-lsp-again "keep the comments")
    (user--preview)
    (kimi-lsp-accept)
    (set-buffer file)
    (user--wait "the edit" #'user--flat-p)
    (user--check "it was not asked again" (eq 2 (length (user--asked))))))

(defun scenario-request_and_usage ()
  (user--open "cart.py")
  (user--select "def delivery" "return 990")
  (kimi-lsp-show-request "explain")
  (user--wait "the request" (lambda () (get-buffer "*Kimi: request*")))
  (user--check "the sandbox was asked" (null (user--asked)))
  (kimi-lsp-usage)
  (user--wait "the usage" (lambda () (get-buffer "*Kimi: usage*"))))

(defun scenario-beside_another_server ()
  "One buffer with ruff's own language server and Kimi, as `rass' brings them together."
  (remove-hook 'eglot-managed-mode-hook #'user--with-flymake)
  (kimi-lsp-beside 'python-mode "ruff" "server")
  (setq-default eglot-workspace-configuration '((:kimi . (:preview "always"))))
  (user--open "cart.py")
  (let ((report (user--report)))
    (user--check "the diagnostic is not of eglot's" (eq 'eglot-flymake-backend (flymake-diagnostic-backend report)))
    (goto-char (flymake-diagnostic-beg report)))
  (user--pick "Kimi: Fix")
  (let ((file (current-buffer)))
    (user--preview)
    (kimi-lsp-accept)
    (set-buffer file))
  (user--wait "the import" (lambda () (user--has "import json\n")))
  (user--idle)
  (user--select "def delivery" "return 990")
  (kimi-lsp-explain)
  (user--wait "the explanation" (lambda () (get-buffer "*Kimi: explanation*"))))

(defun scenario-every_command ()
  "Every command of the server is a command of Emacs, and the other way round."
  (user--open "cart.py")
  (let ((served (append (plist-get (plist-get (eglot--capabilities (eglot-current-server)) :executeCommandProvider)
                                   :commands) nil))
        (here (mapcar #'cadr kimi-lsp-commands)))
    (user--check (format "%S %S" served here) (null (cl-set-exclusive-or served here :test #'equal)))
    (user--check "not all are commands" (cl-every #'commandp (mapcar #'cl-caddr kimi-lsp-commands)))))

(let ((name (getenv "KIMI_TEST_SCENARIO")) (code 1))
  (unwind-protect
      (condition-case problem
          (progn (funcall (intern (concat "scenario-" name)))
                 (setq code 0))
        (error (princ (format "%s: %S\n" name problem) #'external-debugging-output)))
    (dolist (buffer (buffer-list))
      (when (string-match-p "EGLOT\\|Messages\\|Kimi" (buffer-name buffer))
        (with-current-buffer buffer
          (let ((coding-system-for-write 'utf-8-unix) (inhibit-message t))
            (write-region nil nil (expand-file-name
                                   (concat (replace-regexp-in-string "[^A-Za-z]+" "-" (buffer-name)) ".log")
                                   (getenv "KIMI_TEST_ARTEFACTS")))))))
    (ignore-errors (eglot-shutdown-all))
    (let ((kill-emacs-hook nil)) (kill-emacs code))))

;;; driver.el ends here
