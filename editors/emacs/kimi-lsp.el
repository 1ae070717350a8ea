;;; kimi-lsp.el --- Edits and explanations from Kimi, through eglot  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Load this file, say which modes get Kimi, and start eglot as usual:
;;
;;     (require 'kimi-lsp)
;;     (kimi-lsp-beside 'python-mode "pylsp")   ; beside the usual server, by `rass'
;;     (kimi-lsp-alone 'text-mode)              ; or as the only server
;;
;; `eglot-code-actions' lists what Kimi offers; `kimi-lsp-menu' lists all commands.  Emacs is never blocked while the
;; model thinks: the mode line tells what happens, and `kimi-lsp-cancel' stops it, the paid request too.
;;
;; eglot runs one server for each buffer.  To have Kimi beside your usual server, install `rass' (the package
;; rassumfrassum), which runs both as one.
;;
;; The key goes by the environment of Emacs (EMPIRIOLABS_API_KEY), never by a variable here.  Settings go where eglot
;; has those of all servers, in `eglot-workspace-configuration', under :kimi.
;;
;; No key is bound.  To have all commands behind one prefix:
;;
;;     (define-key kimi-lsp-mode-map (kbd "C-c k") kimi-lsp-command-map)

;;; Code:

(require 'cl-lib)
(require 'diff-mode)
(require 'easymenu)
(require 'eglot)
(require 'flymake)
(require 'jsonrpc)

(defvar kimi-lsp-mode)                  ; Defined below.
(defvar eglot-confirm-server-edits)
(defvar eglot-confirm-server-initiated-edits)
(declare-function eglot-execute "eglot" (server action))

(defgroup kimi-lsp nil
  "Edits and explanations from Kimi."
  :group 'tools
  :prefix "kimi-lsp-")

(defcustom kimi-lsp-server-command '("kimi-lsp" "serve")
  "Program and arguments that start the server."
  :type '(repeat string))


;;;; Which buffers get Kimi

(defconst kimi-lsp--options
  '(:commands "attached" :progress "client" :clientCommands ["kimi.client.prompt"]
    :ui (:markdown t :stream t :preview t :status t))
  "What this file can do, said to the server as initializationOptions.")

(defun kimi-lsp--enter (modes contact)
  "Make eglot start CONTACT (a list of strings) in MODES."
  (dolist (mode modes)
    (add-to-list 'eglot-server-programs
                 (cons mode (append contact (list :initializationOptions kimi-lsp--options))))))

;;;###autoload
(defun kimi-lsp-alone (&rest modes)
  "Run Kimi as the only server in MODES."
  (kimi-lsp--enter modes kimi-lsp-server-command))

;;;###autoload
(defun kimi-lsp-beside (mode &rest command)
  "Run Kimi in MODE beside the server of COMMAND (strings)."
  (kimi-lsp--enter (list mode) `("rass" "--" ,@command "--" ,@kimi-lsp-server-command)))

(defun kimi-lsp--serves-p (server)
  "Tell whether SERVER, a connection of eglot's, has Kimi in it."
  (let ((provider (plist-get (eglot--capabilities server) :executeCommandProvider)))
    (and (listp provider)
         (cl-find "kimi.explain" (plist-get provider :commands) :test #'equal))))

(defun kimi-lsp--server ()
  "Return the connection of this buffer, or tell the user that there is none."
  (let ((server (eglot-current-server)))
    (unless (and server (jsonrpc-running-p server))
      (user-error "Kimi: eglot is not running in this buffer; M-x eglot starts it"))
    (unless (kimi-lsp--serves-p server)
      (user-error "Kimi: this buffer's server is another one; see `kimi-lsp-alone' and `kimi-lsp-beside'"))
    server))


;;;; Diagnostics of all sources

(defun kimi-lsp--severity (type)
  "Return LSP's DiagnosticSeverity for flymake's TYPE."
  (let ((category (or (and (symbolp type) (get type 'flymake-category)) type)))
    (cond ((memq category '(:error flymake-error eglot-error)) 1)
          ((memq category '(:warning flymake-warning eglot-warning)) 2)
          (t 3))))

(defun kimi-lsp--diagnostic (diagnostic)
  "Return flymake's DIAGNOSTIC as LSP has it.
That is as its server sent it, or made from what flymake knows."
  (let ((data (flymake-diagnostic-data diagnostic)))
    (or (and (listp data) (cdr (assq 'eglot-lsp-diag data)))
        (list :range (kimi-lsp--range (flymake-diagnostic-beg diagnostic) (flymake-diagnostic-end diagnostic))
              :severity (kimi-lsp--severity (flymake-diagnostic-type diagnostic))
              :source (replace-regexp-in-string
                       "-?flymake\\|-backend" "" (format "%s" (flymake-diagnostic-backend diagnostic)))
              :message (flymake-diagnostic-text diagnostic)))))

(defun kimi-lsp--diagnostics (&optional beg end)
  "Return what any source reports between BEG and END, or in the whole buffer."
  (save-restriction
    (widen)
    (vconcat (mapcar #'kimi-lsp--diagnostic (and flymake-mode (flymake-diagnostics beg end))))))

(defun kimi-lsp--tell-diagnostics (&rest _)
  "Hand over the diagnostics of all sources.
For eglot itself sends a server only its own."
  (when kimi-lsp-mode
    (let ((server (eglot-current-server)))
      (when (and server (jsonrpc-running-p server))
        (kimi-lsp--flush)
        (jsonrpc-notify server :kimi/didChangeDiagnostics
                        (append (eglot--VersionedTextDocumentIdentifier)
                                (list :diagnostics (kimi-lsp--diagnostics))))))))

(advice-add 'eglot-code-actions :before #'kimi-lsp--tell-diagnostics)


;;;; Asking

(defvar kimi-lsp-kinds
  '("explain" "refactor" "implement" "fix" "fixAll" "document" "ask" "doComment" "renameBetter" "writeTests"
    "commitMessage" "action" "review")
  "What `kimi-lsp-show-request' can show.
These are the server's commands without their prefix.")

(defun kimi-lsp--range (beg end)
  "Return the text between BEG and END as an LSP range."
  (save-restriction
    (widen)
    (list :start (eglot--pos-to-lsp-position beg) :end (eglot--pos-to-lsp-position end))))

(defun kimi-lsp--bounds ()
  "Return the region, or point twice: the server then takes the function around it."
  (if (use-region-p) (cons (region-beginning) (region-end)) (cons (point) (point))))

(defun kimi-lsp--argument (&rest more)
  "Return a command's argument for the region or point, with MORE properties."
  (let ((bounds (kimi-lsp--bounds)))
    (append (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                  :range (kimi-lsp--range (car bounds) (cdr bounds)))
            more)))

(defun kimi-lsp--flush ()
  "Send what was typed; eglot waits for idle time with it."
  (eglot--signal-textDocument/didChange))

(defun kimi-lsp--execute (server command argument)
  "Have SERVER run COMMAND with ARGUMENT, without waiting.
What comes of it is shown when it is there."
  (kimi-lsp--flush)
  (jsonrpc-async-request
   server :workspace/executeCommand (list :command command :arguments (vector argument))
   :timeout nil                         ; The model thinks for up to minutes, and is stopped by the user alone.
   :success-fn (lambda (result) (kimi-lsp--answered command result))
   :error-fn (lambda (problem) (message "Kimi: %s" (plist-get problem :message)))))

(defun kimi-lsp--ask (command &rest more)
  "Run COMMAND on the region or at point, with MORE properties in its argument."
  (let ((server (kimi-lsp--server)))
    (kimi-lsp--execute server command (apply #'kimi-lsp--argument more))
    (message "Kimi is asked; M-x kimi-lsp-cancel stops it")))

(defun kimi-lsp--answered (command result)
  "Show the RESULT of COMMAND.
Where something went wrong the server has told so itself."
  (let ((markdown (plist-get result :markdown))
        (message (plist-get result :message))
        (text (plist-get result :text)))
    (when text
      (kill-new text)
      (kimi-lsp--show "commit message" text))
    (when markdown
      (kimi-lsp--show (pcase command
                        ("kimi.usage" "usage")
                        ("kimi.showRequest" "request")
                        (_ "explanation"))
                      markdown))
    (pcase (plist-get result :status)
      ("cancelled" (message "Kimi: cancelled; nothing was changed"))
      ("ok" (when (and message (not (member command '("kimi.usage" "kimi.showRequest"))))
              (message "Kimi: %s%s" message (if text "; the text is in the kill ring" "")))))))

(defun kimi-lsp--prompted (server argument)
  "Ask the user for words, and have SERVER run the command that ARGUMENT is for."
  (let ((command (plist-get argument :command))
        (instruction (read-string "Kimi, what shall change? ")))
    (unless (string-blank-p instruction)
      (kimi-lsp--execute
       server command
       (append (cl-loop for (name value) on argument by #'cddr
                        unless (eq name :command) nconc (list name value))
               (list :instruction instruction))))))

(defun kimi-lsp--chosen (server command arguments)
  "Run COMMAND with ARGUMENTS, as chosen from the menu, on SERVER.
Return nil if it is not Kimi's."
  (let ((command (format "%s" command)))
    (cond ((equal command "kimi.client.prompt") (kimi-lsp--prompted server (aref arguments 0)) t)
          ((string-prefix-p "kimi." command) (kimi-lsp--execute server command (aref arguments 0)) t))))

;; eglot runs the command of a code action synchronously, so Emacs would be frozen while the model thinks.
(if (fboundp 'eglot-execute)
    (cl-defmethod eglot-execute :around (server action)
      "Run Kimi's commands without waiting."
      (let* ((nested (plist-get action :command))
             (inner (if (stringp nested) action nested)))
        (or (and inner (kimi-lsp--chosen server (plist-get inner :command) (plist-get inner :arguments)))
            (cl-call-next-method))))
  (with-no-warnings
    (cl-defmethod eglot-execute-command :around (server command arguments)
      "Run Kimi's commands without waiting."
      (or (kimi-lsp--chosen server command arguments)
          (cl-call-next-method)))))


;;;; Landing

(defun kimi-lsp--buffers (server)
  "Return the buffers of SERVER."
  (cl-remove-if-not (lambda (buffer)
                      (and (buffer-local-value 'kimi-lsp-mode buffer)
                           (eq server (with-current-buffer buffer (eglot-current-server)))))
                    (buffer-list)))

(cl-defmethod eglot-handle-request :around (server (_method (eql 'workspace/applyEdit)) &rest params)
  "Make the edit of SERVER in PARAMS one step of undo.
Whether the user is asked before is the server's setting `preview'."
  (if (not (string-prefix-p "Kimi" (or (plist-get params :label) "")))
      (cl-call-next-method)
    (let ((eglot-confirm-server-initiated-edits nil)
          (eglot-confirm-server-edits nil)
          (buffers (kimi-lsp--buffers server)))
      (cl-flet ((each (act) (dolist (buffer buffers) (with-current-buffer buffer (funcall act)))))
        ;; What was typed and not sent yet makes the edit's version an old one: the server then carries it on.
        (each #'kimi-lsp--flush)
        (each #'undo-boundary)
        (unwind-protect (cl-call-next-method)
          (each #'undo-boundary)
          (each #'kimi-lsp--flush))))))


;;;; What is shown

(define-derived-mode kimi-lsp-text-mode special-mode "Kimi"
  "What Kimi says, as Markdown."
  (setq-local font-lock-defaults
              '((("^#+ .*$" . 'bold)
                 ("`[^`\n]+`" . 'font-lock-constant-face)
                 ("\\*\\*[^*\n]+\\*\\*" . 'bold))
                t))
  (visual-line-mode 1))

(defun kimi-lsp--show (name text)
  "Show TEXT in the buffer of NAME, with its place kept where TEXT only grew."
  (with-current-buffer (get-buffer-create (format "*Kimi: %s*" name))
    (unless (derived-mode-p 'kimi-lsp-text-mode) (kimi-lsp-text-mode))
    (unless (equal text (buffer-string))
      (let* ((inhibit-read-only t)
             (old (buffer-string))
             (grows (string-prefix-p old text)))
        (save-excursion
          (unless grows (erase-buffer))
          (goto-char (point-max))
          (insert (if grows (substring text (length old)) text)))))
    (unless (get-buffer-window nil t)
      (display-buffer (current-buffer)))))

(cl-defmethod eglot-handle-notification (_server (_method (eql 'kimi/explaining)) &key text &allow-other-keys)
  "Show TEXT, the explanation as far as it is there."
  (kimi-lsp--show "explanation" text))

(defvar kimi-lsp--jobs nil
  "What is under way: a list of (JOB SERVER TITLE MESSAGE).")

(defvar kimi-lsp--states nil
  "What each server last said of itself: an alist from a connection to a plist.")

(cl-defmethod eglot-handle-notification
  (server (_method (eql 'kimi/progress)) &key job title message done &allow-other-keys)
  "Show in the mode line that JOB of SERVER, called TITLE, is at MESSAGE.
DONE means that it is over."
  (setq kimi-lsp--jobs (cl-remove job kimi-lsp--jobs :key #'car :test #'equal))
  (if (eq done t)
      (kimi-lsp--drop-preview job)
    (push (list job server title message) kimi-lsp--jobs))
  (force-mode-line-update t))

(cl-defmethod eglot-handle-notification (server (_method (eql 'kimi/status)) &rest params)
  "Keep for the mode line what SERVER told of itself, which is PARAMS."
  (setq kimi-lsp--states
        (cons (cons server params)
              (cl-remove-if (lambda (one) (or (eq (car one) server) (not (jsonrpc-running-p (car one)))))
                            kimi-lsp--states)))
  (force-mode-line-update t))

(defun kimi-lsp--running (server)
  "Return what is under way on SERVER, the newest first."
  (setq kimi-lsp--jobs (cl-remove-if-not (lambda (one) (jsonrpc-running-p (nth 1 one))) kimi-lsp--jobs))
  (cl-remove-if-not (lambda (one) (eq server (nth 1 one))) kimi-lsp--jobs))

(defun kimi-lsp--lighter ()
  "Return what the mode line has on Kimi in this buffer."
  (let* ((server (eglot-current-server))
         (job (and server (car (kimi-lsp--running server))))
         (state (cdr (assq server kimi-lsp--states)))
         (today (plist-get (plist-get state :today) :usd)))
    (propertize (cond (job (format " %s: %s" (nth 2 job) (or (nth 3 job) "")))
                      ((equal (plist-get state :state) "noKey") " Kimi: no key")
                      ((equal (plist-get state :state) "error") " Kimi!")
                      (t " Kimi"))
                'help-echo (format "%s%s"
                                   (or (plist-get state :message) "Kimi")
                                   (if today (format "\nToday: $%.4f" today) "")))))


;;;; Seeing an edit before it lands

(defvar-local kimi-lsp--reply nil
  "A function that answers the question of this buffer; nil once it is answered.")

(defvar-local kimi-lsp--no '(:action "reject")
  "The answer to the question of this buffer when it is killed.")

(defvar-local kimi-lsp--previewed nil
  "The job whose edit is in this buffer.")

(defvar kimi-lsp-preview-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'kimi-lsp-accept)
    (define-key map (kbd "C-c C-k") #'kimi-lsp-reject)
    (define-key map (kbd "C-c C-r") #'kimi-lsp-again)
    map)
  "Keys of `kimi-lsp-preview-mode'.")

(define-derived-mode kimi-lsp-preview-mode diff-mode "Kimi preview"
  "An edit that waits for a word: \\[kimi-lsp-accept] or \\[kimi-lsp-reject].
With \\[kimi-lsp-again] you tell what is wrong with it, and get another one."
  (setq buffer-read-only t)
  (setq header-line-format
        (substitute-command-keys
         (concat "\\<kimi-lsp-preview-mode-map>\\[kimi-lsp-accept] accept   "
                 "\\[kimi-lsp-reject] reject   \\[kimi-lsp-again] ask again")))
  (add-hook 'kill-buffer-hook #'kimi-lsp--rejected-by-killing nil t))

(defun kimi-lsp--receive (receive connection message)
  "Show MESSAGE on CONNECTION if it is a question of Kimi's.
Else RECEIVE gets it.  An answer to it is a person's, so it comes later:
jsonrpc's own way to answer would freeze Emacs until then, or take what
is being typed for it."
  (let* ((id (plist-get message :id))
         (params (plist-get message :params))
         (reply (lambda (answer) (jsonrpc-connection-send connection :id id :result answer))))
    (pcase (and id (plist-get message :method))
      ("kimi/preview" (kimi-lsp--preview params reply))
      ((and "window/showMessageRequest"
            (guard (string-prefix-p "Kimi" (or (plist-get params :message) ""))))
       (kimi-lsp--question params reply))
      (_ (funcall receive connection message)))))

(advice-add 'jsonrpc-connection-receive :around #'kimi-lsp--receive)

(defun kimi-lsp--preview (params reply)
  "Show the edit in PARAMS; REPLY is called once, with what the user wants."
  (let ((job (plist-get params :job)))
    (kimi-lsp--drop-preview job)
    (with-current-buffer (generate-new-buffer (format "*%s: preview*" (or (plist-get params :title) "Kimi")))
      (dolist (name '(:summary :trouble :cost))
        (let ((words (plist-get params name)))
          (when (and (stringp words) (not (string-blank-p words)))
            (insert words "\n"))))
      (insert "\n")
      (mapc (lambda (file)
              (pcase (plist-get file :kind)
                ("rename" (insert (format "Rename %s to %s\n" (plist-get file :uri) (plist-get file :newUri))))
                ("delete" (insert (format "Delete %s\n" (plist-get file :uri)))))
              (insert (or (plist-get file :diff) "")))
            (plist-get params :files))
      (goto-char (point-min))
      (kimi-lsp-preview-mode)
      (setq kimi-lsp--reply reply
            kimi-lsp--previewed job)
      (display-buffer (current-buffer)))))

(defun kimi-lsp--question (params reply)
  "Show the question in PARAMS with a button for each answer; REPLY is called once.
To kill the buffer is to choose none."
  (let ((words (plist-get params :message)))
    (with-current-buffer (generate-new-buffer "*Kimi: question*")
      (kimi-lsp-text-mode)
      (setq kimi-lsp--reply reply
            kimi-lsp--no nil)
      (add-hook 'kill-buffer-hook #'kimi-lsp--rejected-by-killing nil t)
      (let ((inhibit-read-only t))
        (insert words "\n\n")
        (mapc (lambda (action)
                (insert-text-button (plist-get action :title)
                                    'follow-link t
                                    'action (lambda (_) (kimi-lsp--decide action)))
                (insert "   "))
              (plist-get params :actions)))
      (display-buffer (current-buffer)))
    (message "%s" words)))

(defun kimi-lsp--drop-preview (job)
  "Close the preview of JOB, which has no use for an answer any more."
  (dolist (buffer (buffer-list))
    (when (and job (equal job (buffer-local-value 'kimi-lsp--previewed buffer)))
      (with-current-buffer buffer
        (setq kimi-lsp--reply nil)
        (kimi-lsp--close)))))

(defun kimi-lsp--close ()
  "Close this preview and its window."
  (let ((buffer (current-buffer)))
    (dolist (window (get-buffer-window-list buffer nil t))
      (quit-restore-window window 'bury))
    (kill-buffer buffer)))

(defun kimi-lsp--decide (answer)
  "Send ANSWER to the question of this preview and close it."
  (let ((reply (or kimi-lsp--reply (user-error "Kimi: there is nothing to decide on here"))))
    (setq kimi-lsp--reply nil)
    (funcall reply answer)
    (kimi-lsp--close)))

(defun kimi-lsp--rejected-by-killing ()
  "Take the end of an undecided preview as a no."
  (when kimi-lsp--reply
    (let ((reply kimi-lsp--reply))
      (setq kimi-lsp--reply nil)
      (ignore-errors (funcall reply kimi-lsp--no)))))

(defun kimi-lsp-accept ()
  "Make the edit of this buffer."
  (interactive)
  (kimi-lsp--decide '(:action "accept")))

(defun kimi-lsp-reject ()
  "Drop the edit of this buffer."
  (interactive)
  (kimi-lsp--decide '(:action "reject")))

(defun kimi-lsp-again (remark)
  "Ask for another edit than this buffer's; REMARK is what is wrong with it."
  (interactive "sKimi, what is wrong with it? ")
  (kimi-lsp--decide (list :action "again" :remark remark)))


;;;; Commands

(defun kimi-lsp-explain ()
  "Explain the region, or the function at point."
  (interactive)
  (kimi-lsp--ask "kimi.explain"))

(defun kimi-lsp-refactor (instruction)
  "Change the region, or the function at point, as told by INSTRUCTION."
  (interactive "sKimi, what shall change? ")
  (kimi-lsp--ask "kimi.refactor" :instruction instruction))

(defun kimi-lsp-implement (instruction)
  "Write the code that is missing at point or in the region.
INSTRUCTION may be empty."
  (interactive "sKimi, anything to know? ")
  (kimi-lsp--ask "kimi.implement" :instruction instruction))

(defun kimi-lsp-fix ()
  "Fix what is reported on this line or in the region, by whichever source."
  (interactive)
  (let* ((bounds (kimi-lsp--bounds))
         (found (kimi-lsp--diagnostics
                 (save-excursion (goto-char (car bounds)) (line-beginning-position))
                 (save-excursion (goto-char (cdr bounds)) (line-end-position)))))
    (when (seq-empty-p found)
      (user-error "Kimi: nothing is reported on these lines"))
    (kimi-lsp--ask "kimi.fix" :diagnostics found)))

(defun kimi-lsp-fix-all ()
  "Fix all that is reported in this buffer, in one edit."
  (interactive)
  (let ((found (kimi-lsp--diagnostics)))
    (when (seq-empty-p found)
      (user-error "Kimi: nothing is reported in this buffer"))
    (kimi-lsp--ask "kimi.fixAll" :diagnostics found)))

(defun kimi-lsp-document ()
  "Write docstrings or comments for the region or the function at point.
No code is changed."
  (interactive)
  (kimi-lsp--ask "kimi.document"))

(defun kimi-lsp-ask (instruction)
  "Ask INSTRUCTION about the region or the function at point.
The answer is a text or an edit."
  (interactive "sAsk Kimi: ")
  (kimi-lsp--ask "kimi.ask" :instruction instruction))

(defun kimi-lsp-do-comment ()
  "Do what the comments in the region, or at point, ask for."
  (interactive)
  (kimi-lsp--ask "kimi.doComment"))

(defun kimi-lsp-rename-better ()
  "Find better names in the region or the function at point."
  (interactive)
  (kimi-lsp--ask "kimi.renameBetter"))

(defun kimi-lsp-review (&optional diff)
  "Have the region reviewed, or the buffer where there is none.
With a prefix argument DIFF, only what is not committed.
The suggestions are diagnostics; a code action makes one."
  (interactive "P")
  (if diff
      (kimi-lsp--ask "kimi.review" :diff t)
    (kimi-lsp--ask "kimi.review")))

(defun kimi-lsp-apply-suggestion ()
  "Make the suggestion at point."
  (interactive)
  (kimi-lsp--execute (kimi-lsp--server) "kimi.applySuggestion" (kimi-lsp--argument)))

(defun kimi-lsp-dismiss ()
  "Forget the suggestions at point or in the region, for good."
  (interactive)
  (kimi-lsp--execute (kimi-lsp--server) "kimi.dismiss" (kimi-lsp--argument)))

(defun kimi-lsp-write-tests ()
  "Write a test for the region or the function at point."
  (interactive)
  (kimi-lsp--ask "kimi.writeTests"))

(defun kimi-lsp-action (name instruction)
  "Do your own action of NAME, as your settings define it.
It is done on the region or at point; INSTRUCTION may be empty."
  (interactive "sKimi, which of your actions? \nsAnything to add? ")
  (kimi-lsp--ask "kimi.action" :name name :instruction instruction))

(defun kimi-lsp-commit-message (instruction)
  "Write a message for what is staged, show it, and put it into the kill ring.
INSTRUCTION may be empty.  Nothing is committed."
  (interactive "sKimi, anything to know? ")
  (kimi-lsp--execute (kimi-lsp--server) "kimi.commitMessage"
                     (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                           :instruction instruction)))

(defun kimi-lsp-cancel ()
  "Stop Kimi in this buffer."
  (interactive)
  (kimi-lsp--execute (kimi-lsp--server) "kimi.cancel"
                     (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri))))

(defun kimi-lsp-show-request (kind)
  "Show what would be sent for KIND, and what it can cost at the most.
Nothing is sent."
  (interactive (list (completing-read "Show the request of: " kimi-lsp-kinds nil t nil nil "explain")))
  (kimi-lsp--execute (kimi-lsp--server) "kimi.showRequest"
                     (kimi-lsp--argument :kind kind :diagnostics (kimi-lsp--diagnostics))))

(defun kimi-lsp-usage ()
  "Show what was spent."
  (interactive)
  (kimi-lsp--execute (kimi-lsp--server) "kimi.usage" (make-hash-table)))

(defconst kimi-lsp-commands
  '(("Explain" "kimi.explain" kimi-lsp-explain "e")
    ("Fix" "kimi.fix" kimi-lsp-fix "f")
    ("Fix all" "kimi.fixAll" kimi-lsp-fix-all "F")
    ("Refactor…" "kimi.refactor" kimi-lsp-refactor "r")
    ("Implement" "kimi.implement" kimi-lsp-implement "i")
    ("Document" "kimi.document" kimi-lsp-document "d")
    ("Ask…" "kimi.ask" kimi-lsp-ask "a")
    ("Do comment" "kimi.doComment" kimi-lsp-do-comment "c")
    ("Better names" "kimi.renameBetter" kimi-lsp-rename-better "n")
    ("Write tests" "kimi.writeTests" kimi-lsp-write-tests "t")
    ("Review" "kimi.review" kimi-lsp-review "v")
    ("Apply suggestion" "kimi.applySuggestion" kimi-lsp-apply-suggestion "y")
    ("Dismiss suggestion" "kimi.dismiss" kimi-lsp-dismiss "x")
    ("Own action…" "kimi.action" kimi-lsp-action "o")
    ("Commit message" "kimi.commitMessage" kimi-lsp-commit-message "M")
    ("Show request" "kimi.showRequest" kimi-lsp-show-request "s")
    ("Usage" "kimi.usage" kimi-lsp-usage "u")
    ("Cancel" "kimi.cancel" kimi-lsp-cancel "k"))
  "Title, the server's name, Emacs's command, and a key.
The key is that of `kimi-lsp-command-map'.")

(defun kimi-lsp-menu ()
  "Choose one of Kimi's commands and run it."
  (interactive)
  (let ((title (completing-read "Kimi: " (mapcar #'car kimi-lsp-commands) nil t)))
    (call-interactively (nth 2 (assoc title kimi-lsp-commands)))))

(defvar kimi-lsp-command-map
  (let ((map (make-sparse-keymap)))
    (pcase-dolist (`(,_title ,_name ,command ,key) kimi-lsp-commands)
      (define-key map (kbd key) command))
    (define-key map (kbd "m") #'kimi-lsp-menu)
    map)
  "All commands by one letter; bind it to a prefix of yours.")

(defvar kimi-lsp-mode-map (make-sparse-keymap)
  "Keys of `kimi-lsp-mode': none, unless you bind some.")

(easy-menu-define kimi-lsp--easy-menu kimi-lsp-mode-map
  "Kimi's menu in the menu bar."
  (cons "Kimi" (mapcar (lambda (one) (vector (car one) (nth 2 one))) kimi-lsp-commands)))

;;;###autoload
(define-minor-mode kimi-lsp-mode
  "Kimi's state in the mode line, and its menu.
It comes with eglot where Kimi is served."
  :lighter (:eval (kimi-lsp--lighter))
  :keymap kimi-lsp-mode-map)

(defun kimi-lsp--managed ()
  "Come and go with eglot."
  (let ((server (and (eglot-managed-p) (eglot-current-server))))
    (kimi-lsp-mode (if (and server (kimi-lsp--serves-p server)) 1 -1))))

(add-hook 'eglot-managed-mode-hook #'kimi-lsp--managed)

(provide 'kimi-lsp)
;;; kimi-lsp.el ends here
